"""Answers that a worker has to look up: a client waits for them, a page would ask again."""

import time
from typing import Any

from app.db import transaction
from app.errors import DomainError, Unavailable
from app.services import probes

PATIENCE = 10.0  # seconds
PAUSE = 0.1  # between two looks at whether it is answered; lets others work meanwhile
NOT_YET = f"It was not known within {PATIENCE:g} s. The look goes on: ask again in a moment"


def answer_to(kind: str, row: Any, **args: Any) -> dict[str, Any]:
    """The answer to a question as probes.ask takes it. The view must not be in a transaction.

    Raises Unavailable where asking again may help, and a DomainError where the object is wrong.
    """
    end = time.monotonic() + PATIENCE
    with transaction(write=False):
        state = probes.ask(kind, row, **args)
    while state.is_pending and time.monotonic() < end:
        time.sleep(PAUSE)
        with transaction(write=False):
            state = probes.state_of(kind, row, **args)
    if state.is_done:
        return state.answer
    if state.has_failed and not state.temporary:
        raise DomainError(state.reason)
    raise Unavailable(state.reason or NOT_YET)

"""Answers to what is asked of a worker, where no worker is."""

from typing import Any

from app.db import transaction
from app.services import probes
from tests import factories


def ask(kind: str, row: Any, **args: Any) -> str:
    """Ask, as a page would, while a worker is online that never looks; the key of the question."""
    factories.worker()
    with transaction(write=False):
        assert probes.ask(kind, row, **args).is_pending
    return waiting()[-1].args[0]


def waiting(worker: str = "") -> list[Any]:
    """The jobs in the queue, the oldest first."""
    return probes.queue(probes.queue_name(worker)).jobs


def settle(
    kind: str, row: Any, answer: dict[str, Any] | None, reason: str = "", **args: Any
) -> None:
    """Answer the question, or fail, as the worker would."""
    key = ask(kind, row, **args)
    job = waiting()[-1].id
    assert probes.take(key, job, 10)
    probes.settle(key, job, answer, reason)

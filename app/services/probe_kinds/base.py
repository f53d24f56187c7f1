"""What a kind of look-up is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.executors.questions import Question

LIMIT = 10.0  # seconds


def own_version(row: Any, **_: Any) -> list[int]:
    """The version of the object alone."""
    return [row.lock_version]


@dataclass(frozen=True)
class ProbeKind:
    """`prepare(row, **args)` reads the database in the worker and makes a question of plain values.

    It may raise a DomainError, whose text is the reason of the failure. `note(row_id, versions,
    answer, flaw)` stores what was found, in a transaction; `flaw` is the reason where the object
    is at fault. `versions(row, **args)` are the numbers whose change makes an answer stale.
    """

    model: type[Any]
    prepare: Callable[..., Question]
    versions: Callable[..., list[int]] = own_version
    note: Callable[[int, list[int], dict[str, Any] | None, str], None] | None = None
    limit: float = LIMIT

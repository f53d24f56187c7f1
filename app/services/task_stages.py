"""A run in the original's stages: it prepares, it works, it prints what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.db import db
from app.models import Task, TaskSection
from app.services import task_output


@dataclass(frozen=True)
class Stage:
    """`type` is init, running or print_result; `end` is unknown until the next one begins."""

    id: int
    task_id: int
    type: str
    start: datetime
    end: datetime | None


def of(task: Task) -> list[Stage]:
    """The stages that have begun, as the sections of the output tell them."""
    sections = task_output.sections(task)[1]
    if not sections:
        return []
    work = _first(sections, kind="play") or _first(sections, kind="phase", title="Run")
    recap = _first(sections, kind="recap")
    begun = [(name, s["ms0"]) for name, s in _named(sections[:1], work, recap)]
    ends = [ms for _, ms in begun[1:]] + [sections[-1]["ms1"]]
    return [
        Stage(number, task.id, name, _moment(start), _moment(end) if end else None)
        for number, ((name, start), end) in enumerate(zip(begun, ends, strict=True), 1)
    ]


def taken_at(task: Task) -> datetime | None:
    """When a worker took the run and began to prepare it; `start` is when its command began.

    It is the time of the first part of the output, so that of a run without output is `start`.
    """
    query = select(TaskSection.first_ms).where(TaskSection.task_id == task.id)
    first = db.session.scalar(query.order_by(TaskSection.seq).limit(1))
    if first is None:
        return task.start
    taken = max(_moment(first), task.created)  # clocks of two machines
    return min(taken, task.start or task.end or taken)


def _named(first: list[dict[str, Any]], work: Any, recap: Any) -> list[tuple[str, dict[str, Any]]]:
    found = zip(("init", "running", "print_result"), (*first, work, recap), strict=False)
    return [(name, section) for name, section in found if section]


def _first(sections: list[dict[str, Any]], **wanted: str) -> dict[str, Any] | None:
    return next((s for s in sections if all(s[k] == v for k, v in wanted.items())), None)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)

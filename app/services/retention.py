"""What is kept of finished runs: by number, by age, by size of their logs; what is pinned for ever.

Nothing is deleted unless a setting says so. Never a run that has not finished, that somebody has
pinned, or whose build another run has deployed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import aliased

from app.db import db, transaction, utcnow
from app.extensions import settings
from app.models import FINISHED, Task, TaskChunk

BATCH = 200  # runs in one transaction
MB = 1 << 20


@dataclass
class Counts:
    """How many runs are, or would be, deleted as a whole; and of how many only the logs."""

    runs: int = 0
    logs: int = 0


def expired() -> Counts:
    """What the settings would delete now; nothing is changed."""
    with transaction(write=False):
        runs = set(_too_many()) | set(_too_old())
        logs = (set(_old_logs()) | set(_large_logs())) - runs
        return Counts(len(runs), len(logs))


def apply() -> Counts:
    """Delete what has expired, in small transactions of its own; returns what it was."""
    done = Counts()
    for find in (_too_many, _too_old):
        done.runs += _each(find, _delete_runs)
    for find in (_old_logs, _large_logs):
        done.logs += _each(find, _delete_logs)
    return done


def _each(find: Callable[[], Iterator[int]], act: Callable[[list[int]], None]) -> int:
    with transaction(write=False):
        found = list(find())
    for at in range(0, len(found), BATCH):
        with transaction():
            act(found[at : at + BATCH])
    return len(found)


def _too_many() -> Iterator[int]:
    """Of each template the runs behind the newest ones."""
    if not (kept := settings().MAX_TASKS_PER_TEMPLATE):
        return
    finished = select(Task.template_id).where(Task.status.in_(FINISHED))
    crowded = finished.group_by(Task.template_id).having(func.count() > kept)
    for template_id in db.session.scalars(crowded).all():
        mine = Task.template_id == template_id, Task.status.in_(FINISHED)
        newest = select(Task.id).where(*mine).order_by(Task.id.desc()).offset(kept - 1).limit(1)
        last_kept = db.session.scalar(newest) or 0
        yield from db.session.scalars(_free(Task.template_id == template_id, Task.id < last_kept))


def _too_old() -> Iterator[int]:
    if days := settings().KEEP_RUNS_DAYS:
        yield from db.session.scalars(_free(Task.end < _ago(days)))


def _old_logs() -> Iterator[int]:
    if days := settings().KEEP_LOGS_DAYS:
        yield from db.session.scalars(_free(Task.end < _ago(days), *_with_log()))


def _large_logs() -> Iterator[int]:
    """The oldest logs, as far as all together take more than they may."""
    if not settings().KEEP_LOGS_MB:
        return
    room = settings().KEEP_LOGS_MB * MB
    size = func.sum(func.length(TaskChunk.data))
    sizes = select(TaskChunk.task_id, size).group_by(TaskChunk.task_id)
    over = []
    for task_id, taken in db.session.execute(sizes.order_by(TaskChunk.task_id.desc())):
        room -= taken
        if room < 0:
            over.append(task_id)
    for at in range(0, len(over), BATCH):
        ids = over[at : at + BATCH]
        yield from db.session.scalars(_free(Task.id.in_(ids), *_with_log()))


def _free(*conditions: ColumnElement[bool]) -> Select[int]:
    """Ids of finished runs that nobody wants to keep, the oldest first."""
    deploy = aliased(Task)
    deployed = select(deploy.id).where(deploy.build_task_id == Task.id).exists()
    query = select(Task.id).where(Task.status.in_(FINISHED), Task.pinned.is_(False), ~deployed)
    return query.where(*conditions).order_by(Task.id)


def _with_log() -> tuple[ColumnElement[bool], ...]:
    return Task.line_count > 0, Task.log_deleted_at.is_(None)


def _ago(days: int) -> datetime:
    return utcnow() - timedelta(days=days)


def _delete_runs(ids: list[int]) -> None:
    """Their output first: what is large goes in statements of its own."""
    db.session.execute(delete(TaskChunk).where(TaskChunk.task_id.in_(ids)))
    db.session.execute(delete(Task).where(Task.id.in_(ids), Task.pinned.is_(False)))


def _delete_logs(ids: list[int]) -> None:
    db.session.execute(delete(TaskChunk).where(TaskChunk.task_id.in_(ids)))
    db.session.execute(update(Task).where(Task.id.in_(ids)).values(log_deleted_at=utcnow()))

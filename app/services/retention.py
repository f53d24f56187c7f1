"""What is kept of finished runs: by number, by age, by size of logs and files; what is pinned for
ever.

Nothing is deleted unless a setting says so. Never a run that has not finished, that somebody has
pinned, or whose build another run has deployed.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import aliased

from app.clock import utcnow
from app.db import db, transaction
from app.extensions import settings
from app.models import FINISHED, Task, TaskArtifact, TaskChunk
from app.services.patience import patiently

BATCH = 200  # runs in one transaction
NO_ROOM = (
    "all artifacts of the server together may take no more (HELIOGRAPH_ARTIFACTS_TOTAL_MB), and"
    " none of the others may go"
)
FEW = 10  # … whose files are deleted, which are large
MB = 1 << 20


@dataclass
class Counts:
    """How many runs are, or would be, deleted as a whole; of how many only the logs; and of how
    many the artifacts."""

    runs: int = 0
    logs: int = 0
    artifacts: int = 0


def expired() -> Counts:
    """What the settings would delete now; nothing is changed."""
    with transaction(write=False):
        runs = set(_too_many()) | set(_too_old())
        logs = (set(_old_logs()) | set(_large_logs())) - runs
        return Counts(len(runs), len(logs), len(set(_large_artifacts()) - runs))


def apply() -> Counts:
    """Delete what has expired, in small transactions of its own; returns what it was."""
    done = Counts()
    for find in (_too_many, _too_old):
        done.runs += _each(find, _delete_runs)
    for find in (_old_logs, _large_logs):
        done.logs += _each(find, _delete_logs)
    done.artifacts = _each(_large_artifacts, _delete_artifacts, FEW)
    return done


def taken_by_artifacts() -> int:
    """The bytes that the artifacts of all runs take together, as they were left."""
    return int(db.session.scalar(select(func.sum(TaskArtifact.size))) or 0)


def room_for_artifacts(wanted: int) -> int:
    """How many bytes all artifacts may still take; the oldest go where `wanted` do not fit.

    It waits for a database that is away; call it outside a transaction.
    """
    most = settings().ARTIFACTS_TOTAL_MB * MB
    if not most:
        return sys.maxsize
    patiently(lambda: _each(lambda: _large_artifacts(wanted), _delete_artifacts, FEW))
    with transaction(write=False):
        return max(0, most - taken_by_artifacts())


def _each(
    find: Callable[[], Iterator[int]], act: Callable[[list[int]], None], batch: int = BATCH
) -> int:
    with transaction(write=False):
        found = list(find())
    for at in range(0, len(found), batch):
        with transaction():
            act(found[at : at + batch])
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


def _large_artifacts(more: int = 0) -> Iterator[int]:
    """The oldest runs that have some, as far as all together, with `more` bytes, are too many."""
    over = taken_by_artifacts() + more - settings().ARTIFACTS_TOTAL_MB * MB
    if not settings().ARTIFACTS_TOTAL_MB or over <= 0:
        return
    sizes = _free().join(TaskArtifact, TaskArtifact.task_id == Task.id).group_by(Task.id)
    for task_id, size in db.session.execute(sizes.add_columns(func.sum(TaskArtifact.size))):
        yield task_id
        over -= size
        if over <= 0:
            return


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


def _delete_artifacts(ids: list[int]) -> None:
    """Of runs that nobody has pinned meanwhile; their pages say that there were some."""
    kept = select(Task.id).where(Task.id.in_(ids), Task.pinned.is_(False))
    found = list(db.session.scalars(kept))
    db.session.execute(delete(TaskArtifact).where(TaskArtifact.task_id.in_(found)))
    gone = update(Task).where(Task.id.in_(found)).values(artifacts_deleted_at=utcnow())
    db.session.execute(gone)

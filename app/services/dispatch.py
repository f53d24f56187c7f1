"""Who may start now, and why not: the row is the queue, a worker slot claims it.

A nudge in Redis says only "somebody look"; eligibility is decided here, under one lock.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.clock import now_ms
from app.db import db
from app.extensions import JOB, queue, settings
from app.models import ACTIVE, Project, Task, TaskStatus, TaskTemplate
from app.services import health, run_specs, task_states, workers
from app.services.lease import LEASE_MS

LOOK_AT = 500  # candidates that one look considers, oldest first
AT_ONCE = 50  # of them of one template, where it may run in parallel
EXPLAINED = 2000  # waiting rows that a page can explain
BUSY = (*ACTIVE, TaskStatus.WAITING_CONFIRMATION)  # a second plan would make the first one stale


@dataclass
class Room:
    """What is taken; it grows as rows are chosen, so that a look never chooses too many."""

    templates: dict[int, int] = field(default_factory=dict)  # template -> its active task
    projects: Counter[int] = field(default_factory=Counter)
    total: int = 0

    @classmethod
    def now(cls) -> "Room":
        room = cls()
        busy = select(Task.id, Task.template_id, Task.project_id, Task.status)
        for row in db.session.execute(busy.where(Task.status.in_(BUSY)).order_by(Task.id.desc())):
            if row.status in ACTIVE:
                room.take(row)
            room.templates[row.template_id] = row.id
        return room

    def take(self, row: Any) -> None:
        self.templates.setdefault(row.template_id, row.id)
        self.projects[row.project_id] += 1
        self.total += 1

    def blocked_by(self, row: Any) -> str | None:
        """Why this waiting row may not start, in words for a person; None: it may."""
        if not row.allow_parallel_tasks and row.template_id in self.templates:
            return f"Waits for run #{self.templates[row.template_id]} of the same template"
        limit, active = row.max_parallel_tasks, self.projects[row.project_id]
        if limit and active >= limit:
            return f"Project limit reached: {active} of {limit} runs are active"
        limit = settings().MAX_PARALLEL_TASKS
        if limit and self.total >= limit:
            return f"Server limit reached: {self.total} of {limit} runs are active"
        return None


WANTED = (
    Task.id,
    Task.template_id,
    Task.project_id,
    TaskTemplate.allow_parallel_tasks,
    TaskTemplate.runner_tag,
    Task.not_before,
    Task.try_number,
    TaskTemplate.retries,
    Project.max_parallel_tasks,
)


def _waiting() -> Select[Any]:
    """The waiting rows with what decides about them."""
    found: Any = select(*WANTED)
    return (
        found.join(TaskTemplate, Task.template_id == TaskTemplate.id)
        .join(Project, Task.project_id == Project.id)
        .where(Task.status == TaskStatus.WAITING)
    )


def _candidates() -> Select[Any]:
    """Waiting rows of the tag :tag ("": none) that nothing obvious holds back, oldest first.

    Templates that are busy, projects that are full and the long queue of one template are left
    out by the database: however many of them wait, they hide nobody else.
    """
    busy = aliased(Task)
    is_busy = exists().where(busy.template_id == Task.template_id, busy.status.in_(BUSY))
    active = (
        select(Task.project_id, func.count().label("n"))
        .where(Task.status.in_(ACTIVE))
        .group_by(Task.project_id)
        .subquery()
    )
    limit = Project.max_parallel_tasks
    place = func.row_number().over(partition_by=Task.template_id, order_by=Task.id)
    free = (
        _waiting()
        .add_columns(place.label("place"))
        .outerjoin(active, active.c.project_id == Task.project_id)
        .where(func.coalesce(TaskTemplate.runner_tag, "") == bindparam("tag"))
        .where(or_(Task.not_before.is_(None), Task.not_before <= now_ms()))
        .where(or_(TaskTemplate.allow_parallel_tasks, ~is_busy))
        .where(or_(limit == 0, func.coalesce(active.c.n, 0) < limit))
        .subquery()
    )
    few = or_(free.c.place == 1, and_(free.c.allow_parallel_tasks, free.c.place <= AT_ONCE))
    return select(free).where(few).order_by(free.c.id).limit(LOOK_AT)


CANDIDATES = _candidates()  # built once: it takes as long as running it


def eligible(tag: str) -> list[Row[Any]]:
    """The rows of a tag that would start now, oldest first."""
    room, chosen = Room.now(), []
    for row in db.session.execute(CANDIDATES, {"tag": tag}):
        if room.blocked_by(row) is None:
            room.take(row)
            chosen.append(row)
    return chosen


def waiting_reasons() -> dict[int, str]:
    """Why each waiting task waits, by its id. Computed now: a stored reason would be stale."""
    room, reasons, ahead = Room.now(), {}, Counter[str]()
    places, is_full = workers.places(), not health.has_room()
    for row in db.session.execute(_waiting().order_by(Task.id).limit(EXPLAINED)):
        tag = row.runner_tag or ""
        reason = _pause(row) or room.blocked_by(row)
        if reason is None:
            ahead[tag] += 1
            reason = health.DISK_FULL if is_full else places.reason(tag, ahead[tag])
            if places.serve(tag):  # what nobody will start takes nobody's room
                room.take(row)
        reasons[row.id] = reason
    return reasons


def _pause(row: Any) -> str | None:
    """Until when a failed run waits for its next try."""
    if not row.not_before or row.not_before <= time.time() * 1000:
        return None
    moment = datetime.fromtimestamp(row.not_before / 1000, UTC)
    of = row.retries + 1
    return f"Try {row.try_number} of {of} starts at {moment:%H:%M:%S} UTC, after a failed one"


def waiting_reason(task: Task) -> str | None:
    """Why this task waits; None if it does not."""
    if task.status != TaskStatus.WAITING:
        return None
    return waiting_reasons().get(task.id, f"More than {EXPLAINED} runs wait before it")


def claim(tag: str, worker_id: str, claim_id: str) -> Task | None:
    """Take the oldest eligible row of a tag ("": none) for a slot, with a lease; None: nothing.

    The caller runs it in a writing transaction: the lock is held until that commits.
    """
    task_states.hold_claims()
    chosen = next(iter(approved(tag) or eligible(tag)), None)
    task = run_specs.load(chosen.id) if chosen else None
    return task if task and take(task, worker_id, claim_id) else None


def approved(tag: str) -> list[Row[Any]]:
    """The rows of a tag whose plan may be applied, oldest first. They count as active already."""
    query = select(Task.id).join(TaskTemplate, Task.template_id == TaskTemplate.id)
    query = query.where(func.coalesce(TaskTemplate.runner_tag, "") == tag)
    query = query.where(Task.status == TaskStatus.CONFIRMED)
    return list(db.session.execute(query.order_by(Task.id).limit(AT_ONCE)))


def take(task: Task, worker_id: str, claim_id: str) -> bool:
    """Give a waiting task to a worker, with a lease; False: somebody else was first.

    One whose plan is approved has been prepared before: it runs.
    """
    lease, is_approved = now_ms() + LEASE_MS, task.status == TaskStatus.CONFIRMED
    return task_states.move(
        task,
        TaskStatus.RUNNING if is_approved else TaskStatus.STARTING,
        of=(TaskStatus.CONFIRMED if is_approved else TaskStatus.WAITING,),
        claim=claim_id,
        worker_id=worker_id,
        lease_until=lease,
        attempts=task.attempts + 1,
    )


def top_up() -> None:
    """Put as many nudges into each queue as rows would start now, counting those in it.

    It remembers nothing, so that nothing can be lost; a surplus nudge finds nothing and returns.
    """
    for tag in workers.served():
        nudges = queue(queue_name(tag))
        for _ in range(len(approved(tag)) + len(eligible(tag)) - nudges.count):
            nudges.enqueue("app.jobs.tasks.look", tag, **JOB)


def queue_name(tag: str) -> str:
    """The queue whose nudges are for rows of a tag ("": none)."""
    return f"tasks:{tag}" if tag else "tasks"

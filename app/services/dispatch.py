"""Who may start now, and why not: the row is the queue, a worker slot claims it.

A nudge in Redis says only "somebody look"; eligibility is decided here, under one lock.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from app.db import db, now_ms
from app.extensions import JOB, queue, settings
from app.models import ACTIVE, Lock, Project, Task, TaskStatus, TaskTemplate
from app.services import run_specs, task_states, workers
from app.services.lease import LEASE_MS

LOOK_AT = 500  # waiting rows that one look considers, oldest first
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


def waiting() -> list[Row[Any]]:
    """The waiting rows, oldest first, with what decides about them."""
    query = (
        select(
            Task.id, Task.template_id, Task.project_id, TaskTemplate.allow_parallel_tasks,
            TaskTemplate.runner_tag, Project.max_parallel_tasks,
        )
        .join(TaskTemplate, Task.template_id == TaskTemplate.id)
        .join(Project, Task.project_id == Project.id)
        .where(Task.status == TaskStatus.WAITING)
        .order_by(Task.id)
        .limit(LOOK_AT)
    )  # fmt: skip
    return list(db.session.execute(query))


def eligible() -> list[Row[Any]]:
    """The rows that would start now, oldest first."""
    room, chosen = Room.now(), []
    for row in waiting():
        if room.blocked_by(row) is None:
            room.take(row)
            chosen.append(row)
    return chosen


def waiting_reasons() -> dict[int, str]:
    """Why each waiting task waits, by its id. Computed now: a stored reason would be stale."""
    room, reasons, ahead = Room.now(), {}, Counter[str]()
    places = workers.places()
    for row in waiting():
        reason = room.blocked_by(row)
        if reason is None:
            room.take(row)
            ahead[row.runner_tag or ""] += 1
            reason = places.reason(row.runner_tag, ahead[row.runner_tag or ""])
        reasons[row.id] = reason
    return reasons


def waiting_reason(task: Task) -> str | None:
    """Why this task waits; None if it does not."""
    if task.status != TaskStatus.WAITING:
        return None
    return waiting_reasons().get(task.id, f"More than {LOOK_AT} runs wait before it")


def claim(tag: str, worker_id: str, claim_id: str) -> Task | None:
    """Take the oldest eligible row of a tag ("": none) for a slot, with a lease; None: nothing.

    The caller runs it in a writing transaction: the lock is held until that commits.
    """
    hold_lock()
    chosen = next((row for row in eligible() if (row.runner_tag or "") == tag), None)
    task = run_specs.load(chosen.id) if chosen else None
    return task if task and take(task, worker_id, claim_id) else None


def hold_lock() -> None:
    """Until the transaction ends, nobody else decides who may start."""
    db.session.execute(select(Lock.name).where(Lock.name == "dispatch").with_for_update())


def take(task: Task, worker_id: str, claim_id: str) -> bool:
    """Give a waiting task to a worker, with a lease; False: somebody else was first."""
    lease = now_ms() + LEASE_MS
    return task_states.move(
        task, TaskStatus.STARTING, claim=claim_id, worker_id=worker_id, lease_until=lease
    )


def top_up() -> None:
    """Put as many nudges into each queue as rows would start now, counting those in it.

    It remembers nothing, so that nothing can be lost; a surplus nudge finds nothing and returns.
    """
    wanted = Counter(row.runner_tag or "" for row in eligible())
    for tag, count in wanted.items():
        nudges = queue(queue_name(tag))
        for _ in range(count - nudges.count):
            nudges.enqueue("app.jobs.tasks.look", tag, **JOB)


def queue_name(tag: str) -> str:
    return f"tasks:{tag}" if tag else "tasks"

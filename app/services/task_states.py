"""The states of a task and who may change them: one table, compare-and-set only."""

from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import attributes

from app.clock import utcnow
from app.db import db
from app.models import FINISHED, Lock, Task, TaskStatus
from app.services import live_events

S = TaskStatus
LONGEST_REASON = 10_000  # characters; MySQL's text ends at 65,535 bytes

# What each state may become. A finished state is terminal.
MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    S.WAITING: frozenset({S.STARTING, S.STOPPED}),
    S.STARTING: frozenset({S.RUNNING, S.WAITING, S.STOPPING, S.ERROR}),
    S.RUNNING: frozenset({S.WAITING_CONFIRMATION, S.STOPPING, S.SUCCESS, S.ERROR, S.WAITING}),
    S.WAITING_CONFIRMATION: frozenset({S.CONFIRMED, S.REJECTED, S.STOPPED}),
    S.CONFIRMED: frozenset({S.RUNNING, S.STOPPED}),
    S.STOPPING: frozenset({S.STOPPED}),
}


class Fenced(Exception):
    """The row is somebody else's by now: write nothing more, kill what still runs."""


def hold(task_id: int, claim: str) -> None:
    """Keep others from taking a task over until the transaction ends.

    Raises Fenced if it is not held under `claim`.
    """
    mine = select(Task.id).where(Task.id == task_id, Task.claim == claim).with_for_update()
    if db.session.scalar(mine) is None:
        raise Fenced


def hold_claims() -> None:
    """Until the transaction ends, nobody else decides who may start: no run begins."""
    db.session.execute(select(Lock.name).where(Lock.name == "dispatch").with_for_update())


def sources(to: TaskStatus) -> list[TaskStatus]:
    """The states that may become `to`."""
    return [status for status, targets in MOVES.items() if to in targets]


def move(
    task: Task,
    to: TaskStatus,
    *,
    of: tuple[TaskStatus, ...] = (),
    held_by: str | None = None,
    **values: Any,
) -> bool:
    """Change the state if the row still allows it; False: somebody else was first.

    `of` narrows the states it may come from; `held_by` is the claim whose change counts. A
    finished state gets `end` and nobody holds it any more, in the same statement.
    """
    if reason := values.get("reason"):
        values["reason"] = _storable(reason)
    values = _implied(task, to) | values | {"status": to}
    rows = update(Task).where(Task.id == task.id, Task.status.in_(of or sources(to)))
    if held_by is not None:
        rows = rows.where(Task.claim == held_by)
    done = db.session.execute(
        rows.values(**values), execution_options={"synchronize_session": False}
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    for name, value in values.items():
        if not isinstance(value, ColumnElement):  # what the database computes is not needed here
            attributes.set_committed_value(task, name, value)
    announce(task)
    return True


def announce(task: Task) -> None:
    """Tell those who watch, after commit, what the task's state is."""
    live_events.run_changed(task)


def settle(task: Task, to: TaskStatus, held_by: str, **values: Any) -> bool:
    """`move` for a holder who may try again: True also if an earlier attempt has done it."""
    if move(task, to, held_by=held_by, **values):
        return True
    row = select(Task.status).where(Task.id == task.id, Task.claim == held_by)
    return db.session.scalar(row) == to


def _storable(reason: str) -> str:
    """What a tool said last must not keep its run from ending: each database takes this."""
    text = reason.replace("\0", "").encode(errors="replace").decode()
    return text[:LONGEST_REASON]


def _implied(task: Task, to: TaskStatus) -> dict[str, Any]:
    """What a state brings with it."""
    if to in FINISHED:
        return {"end": utcnow(), "lease_until": None, "secret": None}
    if to == TaskStatus.RUNNING and task.start is None:
        return {"start": utcnow()}
    if to == TaskStatus.STOPPING:
        return {"stop_asked": utcnow()}
    if to in (TaskStatus.WAITING, TaskStatus.WAITING_CONFIRMATION):
        return {"claim": None, "lease_until": None, "worker_id": None}
    return {}

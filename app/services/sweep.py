"""Tasks whose worker has died: back into the queue, or ended with a reason a person understands."""

import logging
import time
import uuid

from sqlalchemy import select, update

from app.clock import now_ms
from app.db import db, transaction
from app.extensions import kick
from app.lib.process_tree import kill_marked
from app.models import HELD, Task, TaskStatus
from app.services import retries, task_output_salvage, task_states, workers
from app.services.lease import LEASE_MS

logger = logging.getLogger(__name__)

S = TaskStatus
MOST_ATTEMPTS = 3  # a run that kills its worker each time is not tried for ever
SEEN_FOR = 15.0  # seconds the database must have answered before anybody is buried


class Sight:
    """From when on leases can be trusted: while the database was away nobody could renew."""

    trusted_from: float = 0.0


def distrust_leases() -> None:
    """The database was away: give those who live the time to renew."""
    Sight.trusted_from = time.monotonic() + SEEN_FOR


def bury_the_dead() -> None:
    """End or requeue every task whose lease has run out; one that cannot be hinders no other."""
    if time.monotonic() < Sight.trusted_from:
        return
    for task_id, claim in _dead_leases():
        try:
            bury(task_id, claim, expired=True)
        except (task_states.Fenced, ValueError, LookupError):
            logger.exception("a dead task was not buried", extra={"task_id": task_id})


def _dead_leases() -> list[tuple[int, str]]:
    dead = select(Task.id, Task.claim).where(Task.status.in_(HELD), Task.lease_until < now_ms())
    with transaction(write=False):
        return [(row.id, row.claim or "") for row in db.session.execute(dead)]


def bury(task_id: int, claim: str, *, expired: bool) -> bool:
    """Take a task over from who held it under `claim`, save its output, and decide what it becomes.

    `expired`: only if the lease has run out; else its holder is known to be dead. False: it was
    renewed or ended meanwhile.
    """
    mine = str(uuid.uuid4())
    with transaction():
        if not _take_over(task_id, claim, mine, expired=expired):
            return False
    kill_marked(claim)  # if its guardian has died with it; on another host there is nothing to find
    total = task_output_salvage.salvage(task_id, mine)
    with transaction():
        task = db.session.get_one(Task, task_id, populate_existing=True)
        _decide(task, mine)
        kick()
    if task.is_finished:
        task_output_salvage.finish(task_id, total)
    logger.warning("buried", extra={"task_id": task_id, "status": task.status})
    return True


def _take_over(task_id: int, claim: str, mine: str, *, expired: bool) -> bool:
    row = update(Task).where(Task.id == task_id, Task.claim == claim, Task.status.in_(HELD))
    if expired:
        row = row.where(Task.lease_until < now_ms())
    lease = now_ms() + LEASE_MS
    done = db.session.execute(row.values(claim=mine, lease_until=lease))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _decide(task: Task, mine: str) -> None:
    again = task.status == S.STARTING or (task.status == S.RUNNING and task.template.rerun_if_lost)
    if again and task.attempts < MOST_ATTEMPTS and task_states.move(task, S.WAITING, held_by=mine):
        return
    if task_states.move(task, S.STOPPED, of=(S.STOPPING,), held_by=mine):
        return
    reason = f"The worker on {workers.host_of(task.worker_id)} died while it ran this"
    following = retries.of(task)
    if task_states.move(task, S.ERROR, held_by=mine, reason=reason) and following:
        retries.queue(following)


def bury_claim(claim: str) -> None:
    """A slot's own work horse died: bury what it held, at once."""
    held = select(Task.id).where(Task.claim == claim, Task.status.in_(HELD))
    with transaction(write=False):
        task_id = db.session.scalar(held)
    if task_id is not None:
        bury(task_id, claim, expired=False)

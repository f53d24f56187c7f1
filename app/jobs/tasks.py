"""The nudge: somebody look. It carries no task; the slot that takes it claims one."""

import logging

from app.db import db, transaction
from app.extensions import publish_kick
from app.services import access_keys, dispatch, health, run_specs, sweep, task_runs

logger = logging.getLogger(__name__)


class Claimant:
    """Who this process is; set by the worker before it forks the process that runs a job."""

    worker_id = ""
    claim_id = ""


def look(tag: str) -> None:
    """Claim the oldest task that may run, with this tag, and run it; nothing there: return.

    On a full disk it could not even keep its output: the task waits, and the next round asks again.
    """
    if not health.has_room():
        logger.warning("the disk is full: no task is taken")
        return
    with transaction():
        task = dispatch.claim(tag, Claimant.worker_id, Claimant.claim_id)
        if task:
            access_keys.note_use(run_specs.keys_of(task))
    if task is None:
        return
    try:
        task_runs.run(task, Claimant.claim_id)
    except Exception:
        # To RQ a job that raises has ended like any other, so nobody else would notice.
        logger.exception("a run could not be ended", extra={"task_id": task.id})
        sweep.bury_claim(Claimant.claim_id)
    finally:
        db.session.remove()
        publish_kick()


def top_up() -> None:
    """Nudge as many slots as there are rows that would start now."""
    try:
        dispatch.top_up()
    finally:
        db.session.remove()

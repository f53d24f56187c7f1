"""Plans that people approve: stored encrypted, so that any worker applies exactly what was seen.

A run that waits for approval holds no slot and no lease; it is a row with its plan beside it.
"""

import base64
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.clock import utcnow
from app.db import db, transaction
from app.errors import Conflict, Invalid
from app.executors.saved_plan import SavedPlan
from app.extensions import kick, settings
from app.lib import plan_counts
from app.models import FINISHED, Project, Task, TaskPlan, TaskStatus, User
from app.services import events, secrets, task_params, task_states, tasks

S = TaskStatus
EXPIRED = "Nobody approved the plan in time"


def keep(task: Task, plan: SavedPlan) -> None:
    """Store the plan of a run that is to wait for approval, in the place of one before."""
    row = of(task) or TaskPlan(task_id=task.id, project_id=task.project_id)
    row.sha256, row.decided, row.user_id, row.comment = plan.sha256, None, None, None
    limit = settings().APPROVAL_TIMEOUT
    row.expires = utcnow() + timedelta(seconds=limit) if limit else None
    db.session.add(row)
    db.session.flush()  # The secret below is bound to the id.
    parts = {"plan": plan.data, "lock": plan.lock}
    text = json.dumps({name: base64.b64encode(data).decode() for name, data in parts.items()})
    row.secret = secrets.encrypt(text, _context(row))


def of(task: Task) -> TaskPlan | None:
    return db.session.scalar(select(TaskPlan).where(TaskPlan.task_id == task.id))


def approved(task: Task) -> SavedPlan | None:
    """The plan that a claimed run is to apply; None: it has to make one. Raises KeyringError."""
    if task.status != S.RUNNING:
        return None
    row = of(task)
    if row is None or row.secret is None or row.decided is None:
        return None
    parts = json.loads(secrets.decrypt(row.secret, _context(row)))
    data, lock = (base64.b64decode(parts[name]) for name in ("plan", "lock"))
    return SavedPlan(data, row.sha256, lock, said(row))


def decided(task: Task) -> dict[str, Any]:
    """What of a run is settled: an approved plan is applied at the commit that was planned."""
    plan = approved(task)
    return {
        "plan": plan,
        "commit": (task.commit_hash if plan else task.wanted_commit) or "",
        "must_be_newest": bool(plan) and refuses_outdated(task),
    }


def refuses_outdated(task: Task) -> bool:
    """Whether its plan is not applied once the branch has moved on; a run of a commit that was
    chosen for it never was at the branch's."""
    wanted = task_params.merged(task).get("refuse_outdated")
    return bool(wanted and task.commit_hash and not task.wanted_commit)


def confirm(
    project: Project,
    task_id: int,
    sha256: str,
    *,
    actor: User | None,
    comment: str = "",
    destroyed: int | None = None,
) -> Task:
    """Approve the plan of a run, which is queued to be applied; `sha256`: only if it is this one,
    `destroyed`: only if it destroys so many resources.

    Raises Invalid where it does not wait for approval (any more), Conflict for another plan.
    """
    task, row = _waiting(project, task_id)
    if sha256 and sha256 != row.sha256:
        raise Conflict({"hash": "The plan is another one by now: look at it again"})
    count = plan_counts.destroyed(row.counts)
    if destroyed is not None and destroyed != count:
        raise Invalid({"destroyed": f"The plan destroys {count}: look at it, and type that number"})
    if row.expires and row.expires <= utcnow():
        raise Invalid({"status": f"{EXPIRED}: start the run again"})
    _decide(task, row, S.CONFIRMED, f"approved: plan {row.sha256}", actor, comment)
    kick()
    return task


def reject(project: Project, task_id: int, *, actor: User | None, comment: str = "") -> Task:
    """End a run whose plan shall not be applied. Raises Invalid where it does not wait for that."""
    task, row = _waiting(project, task_id)
    _decide(task, row, S.REJECTED, f"rejected: plan {row.sha256}", actor, comment)
    row.secret = None
    kick()
    return task


def expire() -> None:
    """Reject what nobody has approved in time; of ended runs keep no plan."""
    with transaction():
        late = select(Task).join(TaskPlan, TaskPlan.task_id == Task.id)
        late = late.where(Task.status == S.WAITING_CONFIRMATION, TaskPlan.expires <= utcnow())
        for task in db.session.scalars(late).all():
            if task_states.move(task, S.REJECTED, of=(S.WAITING_CONFIRMATION,), reason=EXPIRED):
                events.record(task.project_id, None, task, "rejected in time", name=task.title)
                kick()
        ended = select(Task.id).where(Task.status.in_(FINISHED))
        rows = TaskPlan.secret.is_not(None), TaskPlan.task_id.in_(ended)
        db.session.execute(update(TaskPlan).where(*rows).values(secret=None))


def _waiting(project: Project, task_id: int) -> tuple[Task, TaskPlan]:
    task = tasks.get(project, task_id)
    row = of(task)
    if task.status != S.WAITING_CONFIRMATION or row is None:
        raise Invalid({"status": closed(task)})
    return task, row


def closed(task: Task) -> str:
    """Why nobody can answer the plan of a run: it has none (yet), or how it was answered."""
    row, text = of(task), f"Run {task.id} does not wait for approval"
    if task.status == S.REJECTED and task.reason == EXPIRED:
        return f"{text} any more. {EXPIRED}: start the run again"
    if task.status == S.REJECTED and task.reason:
        return f"{text} any more. {task.reason}"
    if task.status == S.STOPPED:
        return f"{text}: it was stopped"
    return f"{text} any more. {said(row)}" if row and row.decided else text


def said(row: TaskPlan) -> str:
    """Who has approved a plan and what for, "" if nobody has: "Approved by Ada: as agreed"."""
    return _words("Approved", row.user, row.comment or "") if row.decided else ""


def waiting(task: Task) -> TaskPlan | None:
    """The plan of a run that waits for approval; None if it does not (any more)."""
    return of(task) if task.status == S.WAITING_CONFIRMATION else None


def _words(what: str, actor: User | None, comment: str) -> str:
    who = f" by {actor.name}" if actor else ""
    return f"{what}{who}" + (f": {comment}" if comment else "")


def _decide(
    task: Task, row: TaskPlan, to: S, verb: str, actor: User | None, comment: str = ""
) -> None:
    values = {"reason": _words("Rejected", actor, comment)} if to == S.REJECTED else {}
    if not task_states.move(task, to, of=(S.WAITING_CONFIRMATION,), **values):
        raise Invalid({"status": f"Somebody else has decided about run {task.id} already"})
    row.decided, row.user_id = utcnow(), actor.id if actor else None
    row.comment = comment or None
    verb = f"{verb}: {comment}" if comment else verb
    events.record(task.project_id, actor, task, verb, name=task.title)


def _context(row: TaskPlan) -> str:
    return secrets.context("task_plan", row.id)

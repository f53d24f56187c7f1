"""Runs that failed and are tried again: each try is a run of its own, with an end of its own.

A try waits for the pause of its template and is queued in the transaction that ends the one before,
so that there is exactly one, whatever dies. Only failures are tried again: who stops a run, or the
try that waits, ends it all.
"""

from typing import NamedTuple

from sqlalchemy import select

from app.clock import now_ms
from app.db import db
from app.errors import DomainError
from app.extensions import kick
from app.lib.keyring import KeyringError
from app.models import Task
from app.services import builds, events, removals, secrets, task_states

SAME = (
    "project_id", "template_id", "user_id", "schedule_id", "integration_id", "message",
    "environment", "arguments", "git_branch", "params", "inventory_id", "environment_id",
    "build_task_id", "wanted_commit", "max_duration",
)  # fmt: skip


class NextTry(NamedTuple):
    """What the next try of a run needs of it; the end of a run deletes its secret answers."""

    task: Task
    answers: str


def of(task: Task) -> NextTry | None:
    """The next try of a run that may fail now; none if it has had its last one."""
    if task.try_number > task.template.retries:
        return None
    try:
        return NextTry(task, secrets.decrypt(task.secret, task.sealed_as) if task.secret else "")
    except KeyringError:
        return None  # That is why it fails, and no try can do better.


def after(task: Task) -> Task | None:
    """The try that was queued when the run failed, if it is still there."""
    return db.session.scalar(select(Task).where(Task.retry_of_id == task.id))


def queue(following: NextTry) -> None:
    """Queue it, in the transaction that has ended the run; again if that has to be repeated."""
    failed = following.task
    if after(failed):
        return
    name = failed.title
    try:
        with db.session.begin_nested():
            _add(following)
    except DomainError as error:
        verb = f"could not be tried again: {error}"
        events.record(failed.project_id, None, failed, verb, name=name)


def _add(following: NextTry) -> None:
    failed, template = following.task, following.task.template
    removals.refuse_start(template)
    task = Task(**{name: getattr(failed, name) for name in SAME})
    task.retry_of_id, task.try_number = failed.id, failed.try_number + 1
    task.version = builds.next_version(template, failed.params or {})
    task.not_before = (db.session.scalar(select(now_ms())) or 0) + template.retry_pause * 1000
    db.session.add(task)
    db.session.flush()  # The secret below is bound to the id.
    if following.answers:
        task.secret = secrets.encrypt(following.answers, task.sealed_as)
    verb = f"queued after run #{failed.id} failed"
    events.record(task.project_id, None, task, verb, name=task.title)
    task_states.announce(task)
    kick()

"""Plans that wait for approval: kept encrypted, decided about once, and applied by any worker."""

import hashlib
import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import utcnow
from app.db import db, transaction
from app.errors import Conflict, Invalid
from app.executors.saved_plan import SavedPlan
from app.models import Project, Task, TaskPlan, TaskStatus
from app.services import dispatch, run_specs, task_plans, tasks
from tests import factories

S = TaskStatus
DATA = b"a plan with s3cr3t values"
PLAN = SavedPlan(DATA, hashlib.sha256(DATA).hexdigest(), b"the lock")


@pytest.fixture
def task(project: Project) -> Task:
    """A run whose plan waits for approval."""
    template = factories.template(project, app="terraform", playbook="infra")
    task = factories.task(template, status=S.WAITING_CONFIRMATION, commit_hash="a" * 40)
    with transaction():
        task_plans.keep(task, PLAN)
    return task


def claim() -> Task | None:
    with transaction():
        return dispatch.claim("", "worker", f"claim-{random.random()}")


def plan_of(task: Task) -> TaskPlan:
    return db.session.scalars(select(TaskPlan).where(TaskPlan.task_id == task.id)).one()


def expired(task: Task) -> None:
    with transaction():
        plan_of(task).expires = utcnow() - timedelta(seconds=1)


def test_a_plan_is_stored_encrypted_with_its_hash(task):
    row = plan_of(task)
    assert row.sha256 == PLAN.sha256 and row.expires
    assert row.secret and "s3cr3t" not in row.secret


def test_what_waits_is_taken_by_no_worker(task):
    assert claim() is None
    assert dispatch.waiting_reason(task) is None


def test_what_is_approved_is_applied_with_the_same_plan_and_commit(project, task):
    with transaction():
        task_plans.confirm(project, task.id, PLAN.sha256, actor=None)
    assert task.status == S.CONFIRMED
    taken = claim()
    assert taken and (taken.id, taken.status) == (task.id, S.RUNNING)
    spec = run_specs.build(taken)
    assert (spec.plan, spec.commit) == (PLAN, "a" * 40)
    assert claim() is None


def test_another_plan_than_the_one_that_was_seen_is_not_approved(project, task):
    with pytest.raises(Conflict, match="another one by now"):
        task_plans.confirm(project, task.id, "0" * 64, actor=None)
    assert task.status == S.WAITING_CONFIRMATION


def test_of_two_who_decide_one_wins(project, task, cast):
    with transaction():
        task_plans.confirm(project, task.id, "", actor=cast["alice"])
    assert plan_of(task).user_id == cast["alice"].id
    with pytest.raises(Invalid, match=r"does not wait for approval any more. Approved by Alice$"):
        task_plans.reject(project, task.id, actor=None)
    assert task.status == S.CONFIRMED


def test_a_decision_that_was_made_meanwhile_counts(project, task):
    with transaction():
        row = plan_of(task)
        task_plans.confirm(project, task.id, "", actor=None)
    with pytest.raises(Invalid, match="Somebody else has decided"):
        task_plans._decide(task, row, S.REJECTED, "rejected", None)


def test_a_rejected_run_has_ended_and_keeps_no_plan(project, task, cast):
    with transaction():
        task_plans.reject(project, task.id, actor=cast["alice"])
    assert (task.status, task.reason) == (S.REJECTED, f"Rejected by {cast['alice'].name}")
    with pytest.raises(Invalid, match=r"any more. Rejected by Alice$"):
        task_plans.confirm(project, task.id, "", actor=None)
    assert task.end and plan_of(task).secret is None


def test_what_nobody_approves_in_time_is_rejected(project, task):
    task_plans.expire()
    db.session.refresh(task)
    assert task.status == S.WAITING_CONFIRMATION
    expired(task)
    with pytest.raises(Invalid, match="in time"):
        task_plans.confirm(project, task.id, "", actor=None)
    task_plans.expire()
    db.session.refresh(task)
    assert (task.status, task.reason) == (S.REJECTED, task_plans.EXPIRED)
    with pytest.raises(Invalid, match=r"any more. Nobody approved the plan in time: start the run"):
        task_plans.confirm(project, task.id, "", actor=None)
    db.session.refresh(plan_of(task))
    assert plan_of(task).secret is None


def test_stopping_what_waits_ends_it(project, task):
    with transaction():
        tasks.stop(project, task.id, actor=None)
    task_plans.expire()
    db.session.refresh(plan_of(task))
    assert task.status == S.STOPPED and plan_of(task).secret is None
    with pytest.raises(Invalid, match="approval: it was stopped"):
        task_plans.reject(project, task.id, actor=None)


def test_what_waits_for_nothing_is_neither_approved_nor_rejected(project):
    task = factories.task(factories.template(project))
    for decide in (lambda: task_plans.confirm(project, task.id, "", actor=None),
                   lambda: task_plans.reject(project, task.id, actor=None)):  # fmt: skip
        with pytest.raises(Invalid, match=r"does not wait for approval$"):
            decide()

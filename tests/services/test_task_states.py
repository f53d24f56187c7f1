"""The one table of states: every change that is not in it is refused by the row itself."""

import itertools

import pytest
from sqlalchemy import update

from app.db import db
from app.models import FINISHED, Task, TaskStatus
from app.services import task_states
from app.services.task_states import MOVES
from tests import factories

S = TaskStatus
PAIRS = list(itertools.product(S, S))


@pytest.fixture
def task(project) -> Task:
    return factories.task(factories.template(project))


def put(task: Task, status: TaskStatus, **values: object) -> None:
    db.session.execute(update(Task).where(Task.id == task.id).values(status=status, **values))
    db.session.commit()
    db.session.refresh(task)


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda s: s.value)
def test_only_what_the_table_names_is_allowed(task: Task, old: TaskStatus, new: TaskStatus) -> None:
    put(task, old)
    allowed = new in MOVES.get(old, ())
    assert task_states.move(task, new) is allowed
    db.session.expire_all()
    assert task.status == (new if allowed else old)


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_finished_state_is_terminal(status: TaskStatus) -> None:
    assert status not in MOVES


def test_a_finished_task_has_an_end_and_no_lease_and_no_secret(task: Task) -> None:
    put(task, S.RUNNING, lease_until=5, secret="sealed")
    assert task_states.move(task, S.SUCCESS)
    db.session.expire_all()
    assert task.end is not None
    assert (task.lease_until, task.secret) == (None, None)


def test_the_start_is_noted_once(task: Task) -> None:
    put(task, S.STARTING)
    task_states.move(task, S.RUNNING)
    first = task.start
    put(task, S.STARTING)
    task_states.move(task, S.RUNNING)
    assert first is not None
    assert task.start == first


def test_the_moment_of_a_stop_is_noted(task: Task) -> None:
    put(task, S.RUNNING)
    assert task.stop_asked is None
    task_states.move(task, S.STOPPING)
    db.session.expire_all()
    assert task.stop_asked is not None


def test_who_does_not_hold_the_task_changes_nothing(task: Task) -> None:
    put(task, S.RUNNING, claim="mine")
    assert not task_states.move(task, S.SUCCESS, held_by="somebody else's")
    assert task_states.move(task, S.SUCCESS, held_by="mine")


def test_of_narrows_where_it_may_come_from(task: Task) -> None:
    put(task, S.RUNNING)
    assert not task_states.move(task, S.STOPPED, of=(S.WAITING,))
    assert not task_states.move(task, S.WAITING, of=(S.STARTING,))


def test_going_back_into_the_queue_gives_the_claim_up(task: Task) -> None:
    put(task, S.STARTING, claim="mine", lease_until=5, worker_id="w")
    task_states.move(task, S.WAITING)
    db.session.expire_all()
    assert (task.claim, task.lease_until, task.worker_id) == (None, None, None)


def test_whatever_a_reason_holds_the_run_ends(task: Task) -> None:
    reason = "no\0t \ud800 " + "\N{PILE OF POO}" * 100_000
    put(task, S.RUNNING)
    assert task_states.move(task, S.ERROR, reason=reason)
    db.session.commit()
    db.session.refresh(task)
    assert task.reason is not None
    assert (task.reason[:6], len(task.reason)) == ("not ? ", task_states.LONGEST_REASON)


def test_what_is_rejected_or_never_ran_has_ended() -> None:
    assert S.NOT_EXECUTED.is_finished
    assert S.REJECTED not in S.unfinished()

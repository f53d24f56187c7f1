"""A held row is renewed, and its holder learns from it that he has to stop."""

import queue

import pytest
from sqlalchemy import select, update

from app.clock import now_ms
from app.db import db
from app.models import Task, TaskStatus
from app.services.lease import Lease, Why, renewal
from tests import factories

S = TaskStatus


@pytest.fixture
def task(project) -> Task:
    template = factories.template(project)
    return factories.task(template, status=S.RUNNING, claim="mine", lease_until=1)


@pytest.fixture
def told() -> queue.Queue:
    return queue.Queue()


@pytest.fixture
def lease(task, told):
    watch = Lease(db.engine, task.id, "mine", lambda why, force: told.put((why, force)))
    db.session.commit()
    watch.start()
    yield watch
    watch.close()


def put(task: Task, **values) -> None:
    db.session.execute(update(Task).where(Task.id == task.id).values(**values))
    db.session.commit()


def test_a_stop_is_noticed(task, lease, told) -> None:
    assert lease.why is None
    put(task, status=S.STOPPING)
    assert told.get(timeout=5) == (Why.STOPPED, False)
    assert lease.why == Why.STOPPED


def test_a_stop_that_becomes_a_forced_one_is_told_again_and_no_more(task, lease, told) -> None:
    put(task, status=S.STOPPING)
    told.get(timeout=5)
    put(task, force_stop=True)
    assert told.get(timeout=5) == (Why.STOPPED, True)
    lease.close()
    assert told.empty()


@pytest.mark.parametrize("taken", [{"claim": "theirs"}, {"status": S.ERROR}])
def test_a_row_that_is_no_longer_ours_ends_the_run_at_once(task, lease, told, taken) -> None:
    put(task, **taken)
    assert told.get(timeout=5) == (Why.LOST, True)


def test_a_deleted_row_ends_the_run(task, lease, told) -> None:
    db.session.delete(task)
    db.session.commit()
    assert told.get(timeout=5) == (Why.LOST, True)


def test_a_lease_that_ran_out_may_be_renewed_while_the_claim_is_ours(task) -> None:
    db.session.execute(renewal(task.id, "mine"))
    left = db.session.scalar(select(Task.lease_until - now_ms()).where(Task.id == task.id))
    assert 14_000 < left <= 15_000


def test_a_stranger_renews_nothing(task) -> None:
    assert db.session.execute(renewal(task.id, "theirs")).rowcount == 0


def test_the_worker_may_end_it_for_reasons_of_its_own(task, told) -> None:
    asked: list[Why] = []
    watch = Lease(
        db.engine, task.id, "mine", lambda *end: told.put(end), lambda: asked[0] if asked else None
    )
    db.session.commit()
    watch.start()
    asked.append(Why.SHUTDOWN)
    assert told.get(timeout=5) == (Why.SHUTDOWN, True)
    watch.close()
    assert told.empty()


def test_a_forced_end_keeps_the_reason_that_came_first(task, lease, told) -> None:
    put(task, status=S.STOPPING)
    assert told.get(timeout=5) == (Why.STOPPED, False)
    put(task, claim="theirs")
    assert told.get(timeout=5) == (Why.STOPPED, True)

"""Tasks whose worker has died: who is buried, and what becomes of them."""

import pytest

from app.clock import now_ms
from app.db import db
from app.models import Project, Task, TaskStatus
from app.services import sweep
from tests import factories

S = TaskStatus
PAST, FUTURE = 1, 60_000  # ms: long over, and a minute from now


def held(project: Project, status: S, lease: int = PAST, **values: object) -> Task:
    rerun = bool(values.pop("rerun_if_lost", False))
    template = factories.template(project, rerun_if_lost=rerun)
    until = PAST if lease == PAST else now_ms() + lease
    return factories.task(template, status=status, claim="dead", lease_until=until, **values)


def after_the_rounds(task: Task) -> Task:
    sweep.bury_the_dead()
    db.session.refresh(task)
    return task


@pytest.mark.parametrize(
    ("status", "rerun", "becomes"),
    [
        (S.STARTING, False, S.WAITING),
        (S.RUNNING, False, S.ERROR),
        (S.RUNNING, True, S.WAITING),
        (S.STOPPING, False, S.STOPPED),
        (S.STOPPING, True, S.STOPPED),
    ],
)
def test_a_dead_lease_decides_by_the_state(project, status, rerun, becomes) -> None:
    task = after_the_rounds(held(project, status, rerun_if_lost=rerun))
    assert task.status == becomes
    assert bool(task.reason) is (becomes == S.ERROR)
    assert (task.end is not None) is task.is_finished
    if becomes == S.WAITING:
        assert (task.claim, task.lease_until) == (None, None)


def test_a_run_that_kills_its_worker_each_time_is_given_up(project) -> None:
    task = after_the_rounds(held(project, S.STARTING, attempts=sweep.MOST_ATTEMPTS))
    assert task.status == S.ERROR and task.reason


@pytest.mark.parametrize("status", [S.STARTING, S.RUNNING, S.STOPPING])
def test_who_renews_is_left_alone(project, status) -> None:
    task = after_the_rounds(held(project, status, lease=FUTURE))
    assert (task.status, task.claim) == (status, "dead")


@pytest.mark.parametrize("status", [S.WAITING, S.SUCCESS, S.ERROR, S.STOPPED])
def test_what_nobody_holds_is_left_alone(project, status) -> None:
    task = factories.task(factories.template(project), status=status)
    assert after_the_rounds(task).status == status


def test_nobody_is_buried_while_leases_cannot_be_trusted(project, monkeypatch) -> None:
    monkeypatch.setattr(sweep.Sight, "trusted_from", 0.0)
    task = held(project, S.RUNNING)
    sweep.distrust_leases()
    assert after_the_rounds(task).status == S.RUNNING
    monkeypatch.setattr(sweep.Sight, "trusted_from", 0.0)
    assert after_the_rounds(task).status == S.ERROR


def test_a_claim_that_was_lost_buries_nothing(project) -> None:
    task = held(project, S.RUNNING, lease=FUTURE)
    assert sweep.bury(task.id, "another", expired=False) is False
    assert sweep.bury(task.id, "dead", expired=True) is False
    assert sweep.bury(task.id, "dead", expired=False) is True
    db.session.refresh(task)
    assert task.status == S.ERROR

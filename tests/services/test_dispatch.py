"""Who may start now and why not; a claim takes one row, once."""

import random

import pytest
from sqlalchemy import select, update

from app.clock import now_ms
from app.db import db, transaction
from app.models import Task, TaskStatus, Worker
from app.services import dispatch, health
from tests import factories

S = TaskStatus


@pytest.fixture
def template(project):
    return factories.template(project)


def queue(template, n: int = 1) -> list[Task]:
    return [factories.task(template) for _ in range(n)]


def claim(tag: str = "") -> Task | None:
    with transaction():
        return dispatch.claim(tag, "worker", f"claim-{random.random()}")


def online(slots: int = 4, tags: tuple[str, ...] = ()) -> None:
    factories.worker(slots, tags)


def test_on_a_full_disk_everything_waits_and_says_so(project, monkeypatch):
    factories.worker()
    task = factories.task(factories.template(project))
    assert dispatch.waiting_reason(task) == "Starts now"
    monkeypatch.setattr(health, "has_room", lambda: False)
    assert dispatch.waiting_reason(task) == health.DISK_FULL


def test_the_oldest_row_is_claimed_with_a_lease(template) -> None:
    first, _ = queue(template, 2)
    task = claim()
    assert task is not None
    assert (task.id, task.status, task.worker_id) == (first.id, S.STARTING, "worker")
    db.session.expire_all()
    left = db.session.scalar(select(Task.lease_until - now_ms()).where(Task.id == task.id))
    assert 14_000 < left <= 15_000


def test_nothing_to_claim(template) -> None:
    assert claim() is None


def test_a_template_runs_one_task_at_a_time(template) -> None:
    first, second = queue(template, 2)
    claim()
    assert claim() is None
    assert dispatch.waiting_reason(second) == (
        f"Waits for run #{first.id} of the same template"
    )  # fmt: skip


def test_parallel_tasks_where_the_template_allows_it(project) -> None:
    queue(factories.template(project, allow_parallel_tasks=True), 2)
    assert claim()
    assert claim()


def test_a_plan_that_waits_for_a_person_keeps_its_template_busy(template) -> None:
    first, _ = queue(template, 2)
    db.session.execute(
        update(Task).where(Task.id == first.id).values(status=S.WAITING_CONFIRMATION)
    )
    db.session.commit()
    assert claim() is None


def test_the_projects_limit(project) -> None:
    project.max_parallel_tasks = 1
    db.session.commit()
    queue(factories.template(project, "One"))
    later = queue(factories.template(project, "Two"))[0]
    assert claim()
    assert claim() is None
    assert dispatch.waiting_reason(later) == "Project limit reached: 1 of 1 runs are active"


def test_without_a_worker_the_reason_says_so(template) -> None:
    (task,) = queue(template)
    assert dispatch.waiting_reason(task) == "No worker is online"


def test_a_tag_that_no_worker_has(project) -> None:
    online()
    (task,) = queue(factories.template(project, runner_tag="eu"))
    assert dispatch.waiting_reason(task) == "No worker with tag eu is online"
    assert claim() is None
    assert claim("eu")


def test_all_slots_are_busy(project) -> None:
    online(slots=1)
    worker_id = db.session.scalars(select(Worker.id)).one()
    running, waiting = (queue(factories.template(project, n))[0] for n in ("One", "Two"))
    with transaction():
        assert dispatch.claim("", worker_id, "c").id == running.id
    assert dispatch.waiting_reason(waiting) == "All 1 slots are busy (position 1)"


def test_a_worker_that_was_not_seen_does_not_count(template) -> None:
    online()
    db.session.execute(update(Worker).values(seen=now_ms() - 60_000))
    db.session.commit()
    assert dispatch.waiting_reason(queue(template)[0]) == "No worker is online"


def test_a_task_that_does_not_wait_has_no_reason(template) -> None:
    queue(template)
    assert dispatch.waiting_reason(claim()) is None


def test_nudges_are_topped_up_to_what_may_start(app, project) -> None:
    online()
    online(tags=("eu",))
    for name in "abc":
        queue(factories.template(project, name), 2)
    queue(factories.template(project, "tagged", runner_tag="eu"))
    for _ in range(2):  # a second look adds nothing
        dispatch.top_up()
        assert dispatch.queue("tasks").count == 3
        assert dispatch.queue("tasks:eu").count == 1


def test_a_long_queue_of_one_template_hides_nobody(project) -> None:
    blocked, other = factories.template(project, "Blocked"), factories.template(project, "Other")
    with transaction():
        rows = [Task(project_id=project.id, template_id=blocked.id) for _ in range(600)]
        db.session.add_all(rows)
    later = factories.task(other)
    assert claim().template_id == blocked.id
    assert claim().id == later.id


def test_a_row_that_nobody_serves_takes_nobodys_room(project) -> None:
    online()
    project.max_parallel_tasks = 1
    db.session.commit()
    tagged = factories.task(factories.template(project, "Tagged", runner_tag="eu"))
    plain = factories.task(factories.template(project, "Plain"))
    assert dispatch.waiting_reasons() == {
        tagged.id: "No worker with tag eu is online",
        plain.id: "Starts now",
    }
    assert claim().id == plain.id


def test_a_full_project_hides_no_other_one(project) -> None:
    project.max_parallel_tasks = 1
    db.session.commit()
    for n in range(3):
        factories.task(factories.template(project, f"Mine {n}"))
    theirs = factories.task(factories.template(factories.project("Other")))
    assert claim().project_id == project.id
    assert claim().id == theirs.id

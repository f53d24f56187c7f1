"""Deploys, deaths of whole workers, and the traps of the queue: nothing is lost or done twice."""

import os
import signal
from pathlib import Path

import pytest
from redis import Redis

from app.db import db
from app.extensions import queue, redis
from app.lib.process_tree import descendants
from app.models import Task, TaskStatus
from app.services import dispatch
from tests import factories
from tests.jobs.conftest import WorkerProcess, finishes, reaches, until
from tests.jobs.test_worker import said

S = TaskStatus
pytestmark = [pytest.mark.processes]


def kill_all(worker: WorkerProcess) -> None:
    """As the kernel does it to a machine: nobody can say good-bye."""
    for pid in [*descendants(worker.process.pid), worker.process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    worker.process.wait()


@pytest.fixture
def counting(script, tmp_path: Path):
    """A template whose runs each leave one line in a file of their own truth."""
    truth = tmp_path / "truth"
    truth.touch()
    template = script(
        f"echo $SEMAPHORE_TASK_DETAILS_ID >> {truth}; sleep 0.5", allow_parallel_tasks=True
    )
    return template, lambda: sorted(map(int, truth.read_text().split()))


def test_a_deploy_loses_and_doubles_nothing(app, script, start, counting) -> None:
    template, ran = counting
    old = WorkerProcess(app)
    long = start(script("echo up; sleep 3; echo done"))
    until(lambda: said(long, "up"))
    queued = [start(template) for _ in range(8)]
    new = WorkerProcess(app)
    try:
        old.terminate()
        assert [finishes(task).status for task in (long, *queued)] == [S.SUCCESS] * 9
        assert old.process.wait(60) == 0
        assert ran() == sorted(task.id for task in queued)
    finally:
        old.end()
        new.end()


def test_a_worker_that_died_with_its_machine_is_noticed(app, script, start, counting) -> None:
    template, ran = counting
    first = WorkerProcess(app)
    lost, again = (
        start(script("echo up; sleep 300", rerun_if_lost=rerun)) for rerun in (False, True)
    )
    until(lambda: said(lost, "up") and said(again, "up"))
    waiting = start(template)
    kill_all(first)
    second = WorkerProcess(app)
    try:
        finished = until(lambda: lost if status_of(lost) == S.ERROR else None, 25)
        assert finished.reason and "The worker on" in finished.reason
        assert finishes(waiting).status == S.SUCCESS and ran() == [waiting.id]
        until(lambda: status_of(again) == S.RUNNING, 25)
    finally:
        kill_all(second)


def status_of(task: Task) -> str:
    db.session.refresh(task)
    return task.status


def test_a_nudge_that_comes_twice_starts_nothing_twice(worker, start, counting) -> None:
    template, ran = counting
    task = start(template)
    for _ in range(5):
        queue(dispatch.queue_name("")).enqueue("app.jobs.tasks.look", "")
    assert finishes(task).status == S.SUCCESS
    until(lambda: queue(dispatch.queue_name("")).count == 0)
    assert ran() == [task.id]


def test_a_queue_that_was_emptied_is_filled_again(app, start, counting) -> None:
    """Losing Redis loses no task: what waits is a row."""
    template, ran = counting
    task = start(template)
    Redis.from_url(app.config["HELIOGRAPH"].REDIS_URL).flushall()
    worker = WorkerProcess(app)
    try:
        assert finishes(task).status == S.SUCCESS and ran() == [task.id]
    finally:
        worker.end()


def test_the_queues_own_scheduler_is_never_started(worker, start, counting) -> None:
    template, _ = counting
    assert finishes(start(template)).status == S.SUCCESS
    assert redis.client.keys("*scheduler*") == []


def test_what_is_prepared_at_a_shutdown_is_queued_again(app, project, start, mute) -> None:
    worker = WorkerProcess(app)
    repository = factories.repository(project, git_url=f"{mute}/app.git")
    task = start(factories.template(project, playbook="a.sh", repository_id=repository.id))
    reaches(task, S.STARTING)
    worker.terminate()
    assert worker.process.wait(60) == 0
    assert status_of(task) == S.WAITING and task.claim is None

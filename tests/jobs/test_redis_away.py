"""Redis goes away while runs work: they go on, whoever asks meanwhile, and end as they would."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.lib.process_tree import descendants
from app.models import TaskStatus
from tests.chaos.product import Redis
from tests.jobs.conftest import WorkerProcess, finishes, until
from tests.jobs.test_worker import said

S = TaskStatus
pytestmark = [pytest.mark.processes]
FREE = "echo up; until [ -e {0} ]; do sleep 0.1; done; echo down"  # works until a file is there


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A server that only the worker knows."""
    with Redis(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def worker(app, redis) -> Iterator[WorkerProcess]:
    started = WorkerProcess(app, REDIS_URL=redis.url)
    yield started
    started.end()


def slot_of(worker: WorkerProcess) -> int:
    horse = worker.horse()
    return next(slot for slot in worker.slots if horse in descendants(slot))


def test_a_run_outlives_the_looks_of_its_slot_at_redis(worker, redis, script, start) -> None:
    """A slot tells RQ every five seconds that its work horse lives."""
    task = start(script("echo up; sleep 12; echo down"))
    until(lambda: said(task, "up"))
    redis.process.kill()
    assert finishes(task).status == S.SUCCESS, task.reason
    assert said(task, "down")


def test_a_shutdown_without_redis_lets_what_runs_finish(
    worker, redis, script, start, tmp_path
) -> None:
    free = tmp_path / "free"
    task = start(script(FREE.format(free)))
    until(lambda: said(task, "up"))
    slot = slot_of(worker)
    redis.process.kill()
    redis.process.wait()
    os.kill(slot, signal.SIGTERM)
    worker.terminate()
    free.touch()
    assert worker.process.wait(60) == 0
    assert finishes(task).status == S.SUCCESS, task.reason
    assert said(task, "down")

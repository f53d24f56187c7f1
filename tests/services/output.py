"""What the tests of a run's output share."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import select, update

from app.db import db
from app.lib.line_writer import Batch
from app.lib.log_stream import Writer
from app.models import Project, Task, TaskChunk
from app.services import task_output
from app.services.task_output_sink import Sink
from app.services.task_output_store import Store
from app.services.task_output_writer import TaskOutput
from tests import factories

CLAIM = "the claim of this worker"


def held_task(project: Project, **values) -> Task:
    template = factories.template(project)
    return factories.task(template, **{"status": "running", "claim": CLAIM} | values)


def take_over(task: Task, claim: str = "somebody else") -> str:
    """Let another worker hold the task."""
    with db.engine.execution_options(write=True).begin() as connection:
        connection.execute(update(Task).where(Task.id == task.id).values(claim=claim))
    return claim


def end(task: Task, status: str = "success") -> Task:
    """Give the task its final status; returns it as it is in the database."""
    db.session.rollback()
    row = db.session.get_one(Task, task.id, populate_existing=True)
    row.status = status
    db.session.commit()
    return row


def sink_of(task: Task, redis: Redis, claim: str = CLAIM) -> Sink:
    return Sink(Store(db.engine, task.id, claim), Writer(redis, task.id), lambda size: None)


def nobody() -> Redis:
    """A client of a Redis that does not answer."""
    return Redis(unix_socket_path="/nonexistent/redis.sock", retry=Retry(NoBackoff(), 0))


def chunks(task: Task) -> list[TaskChunk]:
    with db.engine.connect() as connection:
        rows = select(TaskChunk).filter_by(task_id=task.id).order_by(TaskChunk.first_line)
        return list(connection.execute(rows))


def batch(first: int, text: bytes, ms: int = 1000) -> Batch:
    return Batch(first, text.count(b"\n"), ms, text)


def numbered(first: int, count: int, width: int = 0) -> bytes:
    return b"".join(b"line %d %s\n" % (n, b"x" * width) for n in range(first, first + count))


def whole(run) -> bytes:
    db.session.rollback()  # The test's own transaction must not be an old snapshot.
    return b"".join(task_output.raw(run))


def run_script(output: TaskOutput, script: str) -> None:
    """Run a real process to its end, its output drained."""
    process = subprocess.Popen(
        ["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout
    with process.stdout:
        output.attach(process.stdout.fileno())
        process.wait()
        output.drain()


def eventually(is_so: Callable[[], object]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@contextmanager
def locked_database() -> Iterator[None]:
    """Nobody else can write while this lasts. A server has no lock that stops everybody."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one lock for all who write")
    with db.engine.execution_options(write=True).connect() as connection:
        connection.begin()
        yield
        connection.rollback()


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for fd in ends:
        os.close(fd)

"""A real worker on the database and the Valkey of the test."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db, transaction
from app.lib.process_tree import descendants
from app.models import FINISHED, Project, Task, TaskStatus, TaskTemplate
from app.schemas.tasks import TaskIn
from app.services import tasks, workers
from tests import factories

ROOT = Path(__file__).parents[2]
SLOTS = 2


class WorkerProcess:
    """`python worker.py` with two slots."""

    def __init__(self, app: Flask, **settings: str) -> None:
        config = app.config["HELIOGRAPH"]
        env = {
            "PATH": os.environ["PATH"],
            "HELIOGRAPH_DATA_DIR": str(config.DATA_DIR),
            "SECRET_KEY": config.SECRET_KEY,
            "DATABASE_URL": config.DATABASE_URL,
            "REDIS_URL": config.REDIS_URL,
            "HELIOGRAPH_WORKER_SLOTS": str(SLOTS),
            "SEMAPHORE_LOG_LEVEL": "WARNING",
        }
        self.process = subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=env | settings)
        until(workers.online)

    @property
    def slots(self) -> list[int]:
        """Pids of the slots: the children of the worker after its keeper."""
        direct = [pid for pid in descendants(self.process.pid) if parent(pid) == self.process.pid]
        return sorted(direct)[1:]

    def horses(self) -> list[int]:
        """Pids of all work horses, those that wait for a nudge among them."""
        return [pid for slot in self.slots for pid in descendants(slot) if parent(pid) == slot]

    def horse(self) -> int:
        """The pid of the one work horse that has a guardian."""
        return next(pid for pid in self.horses() if descendants(pid))

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        if self.process.poll() is None:
            self.terminate()
            self.process.wait(60)


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def until(look: Callable[[], object], seconds: float = 60) -> object:
    """Wait until something is there, and return it; fail by name if it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with transaction(write=False):
            db.session.expire_all()
            if found := look():
                return found
        time.sleep(0.05)
    raise AssertionError(f"{getattr(look, '__name__', look)} never came true")


@pytest.fixture
def worker(app: Flask) -> Iterator[WorkerProcess]:
    started = WorkerProcess(app)
    yield started
    started.end()


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def script(project: Project, tmp_path: Path) -> Callable[..., TaskTemplate]:
    """A template that runs the given bash text from a repository of its own."""

    def make(text: str, **values: object) -> TaskTemplate:
        path = factories.git_repository(
            tmp_path / f"repo{len(list(tmp_path.iterdir()))}", run_sh=text
        )
        repository = factories.repository(project, git_url=f"file://{path}")
        return factories.template(project, playbook="run.sh", repository_id=repository.id, **values)

    return make


@pytest.fixture
def start(project: Project) -> Callable[[TaskTemplate], Task]:
    def begin(template: TaskTemplate, **given: object) -> Task:
        with transaction():
            return tasks.start(project, TaskIn(template_id=template.id, **given), actor=None)

    return begin


def reaches(task: Task, *statuses: TaskStatus) -> Task:
    """The task's row once it has one of the statuses."""
    until(lambda: status(task) in statuses)
    db.session.expire(task)  # it may have been read just before its status was
    return task


def finishes(task: Task) -> Task:
    return reaches(task, *FINISHED)


def status(task: Task) -> str:
    return db.session.scalars(select(Task.status).where(Task.id == task.id)).one()

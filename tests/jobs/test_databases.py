"""The way of a run on the database servers that a bigger installation has."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from app.application import create_app
from app.config import Config
from app.db import db, transaction
from app.models import Task, TaskStatus, User
from app.schemas.tasks import TaskIn
from app.services import demo, task_output, tasks
from tests import factories
from tests.jobs.conftest import WorkerProcess, status, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
S = TaskStatus
SLOW = 240  # seconds for 200,000 lines on a machine that does other things as well
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture(params=["postgresql", "mysql"])
def remote(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database server, with its tables."""
    config = Config(
        DATA_DIR=tmp_path / "instance",
        SECRET_KEY="for tests only",
        ACCESS_KEY_ENCRYPTION=KEY,
        DATABASE_URL=request.getfixturevalue(request.param),
        REDIS_URL=redis_url,
        LOG_LEVEL="WARNING",
        TESTING=True,
    )
    app = create_app(config)
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_runs_are_claimed_once_and_keep_every_line(remote: Flask) -> None:
    with transaction():
        project = demo.create(actor=root())
    config = remote.config["HELIOGRAPH"]
    worker = WorkerProcess(
        remote, DATABASE_URL=config.DATABASE_URL, SEMAPHORE_ACCESS_KEY_ENCRYPTION=KEY
    )
    try:
        done = start(project, "Big log", "Fail on purpose", "Big log")
        until(lambda: {status(task) for task in done} <= {S.SUCCESS, S.ERROR}, SLOW)
    finally:
        worker.end()
    assert [status(task) for task in done] == [S.SUCCESS, S.ERROR, S.SUCCESS]
    for task in (done[0], done[2]):
        lines = b"".join(task_output.raw(task)).decode().splitlines()
        assert len([line for line in lines if ".example:" in line]) == 99_998


def root() -> User:
    return factories.user("root", admin=True)


def start(project, *names: str) -> list[Task]:
    """Start templates by name, in this order."""
    with transaction():
        return [tasks.start(project, TaskIn(template_name=name), actor=None) for name in names]

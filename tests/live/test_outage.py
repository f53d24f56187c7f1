"""Redis dies in the middle of a run and comes back: nobody who watches misses anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.application import create_app
from app.config import Config
from app.db import db, transaction
from app.models import Task, TaskStatus
from app.services import task_output, task_states
from app.services.task_output_writer import TaskOutput
from tests import factories
from tests.live.parts import Client, Frame, Server, Valkey, until

CLAIM = "0b0bd5a2-3d68-4b9c-8a5b-0d9a3d6d2f11"

RESYNC = {"t": "resync"}

pytestmark = pytest.mark.processes


@pytest.fixture
def app(own_valkey: Valkey, tmp_path: Path) -> Iterator[Flask]:
    """An application of this test's own; its context is pushed."""
    config = Config(
        DATA_DIR=tmp_path / "instance",
        SECRET_KEY="for tests only",
        REDIS_URL=own_valkey.url,
        TESTING=True,
        LOG_LEVEL="ERROR",
    )
    made = create_app(config)
    with made.app_context():
        db.create_all()
        yield made
        db.session.remove()
        db.engine.dispose()
    made.extensions["redis"].close()


@pytest.fixture
def server(app: Flask, tmp_path: Path) -> Iterator[Server]:
    made = Server(app.config["HELIOGRAPH"], tmp_path)
    yield made
    made.stop()
    assert "Traceback" not in made.log, made.log


def is_last(frame: Frame) -> bool:
    return frame.get("t") == "end" or frame.get("status") == "success"


def move(task: Task, status: TaskStatus) -> None:
    db.session.commit()  # what was read before must not stand in the way of the lock
    with transaction():
        task_states.move(task, status)


def lines_of_page(task: Task, frames: list[Frame]) -> dict[int, str]:
    """What the page's store holds in the end: its frames, and its holes read over HTTP."""
    lines: dict[int, str] = {}
    for frame in frames:
        if frame["t"] == "l":
            lines |= dict(enumerate(frame["l"], frame["o"]))
    log = task_output.Log(task.id, is_finished=True, line_count=frames[-1]["total"], template="")
    for number in range(log.line_count):
        if number not in lines:
            lines[number] = task_output.lines(log, number, 1).lines[0]
    return lines


def test_nothing_is_missing_after_a_restart_of_redis(
    app: Flask, server: Server, own_valkey: Valkey
) -> None:
    project = factories.project_of(factories.cast())
    task = factories.task(factories.template(project), status=TaskStatus.STARTING, claim=CLAIM)
    dave = factories.browser_of(app)("dave")
    page = Client(server, f"/ws?project={project.id}", dave)
    page.send("hello", last="0-0")
    page.send("log", run=task.id, **{"from": 0})
    api = Client(server, "/api/ws", dave)
    output = TaskOutput(task.id, CLAIM)
    output.line("before")
    seen = [page.next()], [api.next()]

    own_valkey.kill()
    output.line("nobody hears this")
    move(task, TaskStatus.RUNNING)
    until(lambda: task_output.lines(task, 0, 10).lines[1:])
    own_valkey.start()
    output.line("after")
    output.drain()
    move(task, TaskStatus.SUCCESS)
    output.finish()
    output.close()

    page_frames = seen[0] + page.until(is_last)
    texts = ["before", "nobody hears this", "after"]
    assert lines_of_page(task, page_frames) == dict(enumerate(texts))
    if RESYNC not in page_frames:
        page.until(lambda frame: frame == RESYNC)
    api_frames = seen[1] + api.until(is_last)
    assert [frame["output"] for frame in api_frames if "output" in frame] == texts
    assert [frame["status"] for frame in api_frames if "status" in frame] == ["success"]
    for client in (page, api):
        client.close()

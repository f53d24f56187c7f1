"""/api/ws through a real server process, with real output."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.db import db, transaction
from app.models import ApiToken, Project, ProjectUser, Session, Task, TaskStatus
from app.services import live_events, task_states
from app.services.task_output_writer import TaskOutput
from tests import factories
from tests.live.parts import Client, Frame, Server, handshake

CLAIM = "0b0bd5a2-3d68-4b9c-8a5b-0d9a3d6d2f11"
UPDATE_KEYS = {
    *("type", "task_id", "template_id", "project_id"),
    *("status", "start", "end", "version"),
}

Connect = Callable[..., Client]
Listen = Callable[..., list[Client]]
Person = Callable[[str], FlaskClient]


@pytest.fixture
def task(project: Project) -> Task:
    """A run of Alice's project that waits."""
    return factories.task(factories.template(project))


@pytest.fixture
def output_of() -> Iterator[Callable[[Task], TaskOutput]]:
    """The writer of a task's output, as a worker has one."""
    writers: list[TaskOutput] = []

    def begin(task: Task) -> TaskOutput:
        writers.append(TaskOutput(task.id, CLAIM))
        return writers[-1]

    yield begin
    for writer in writers:
        writer.close()


def move(task: Task, status: TaskStatus, **values: Any) -> None:
    with transaction():
        assert task_states.move(task, status, **values)


def claim(task: Task) -> None:
    move(task, TaskStatus.STARTING, claim=CLAIM)


def end(task: Task, output: TaskOutput) -> None:
    output.drain()
    if task.status == TaskStatus.STARTING:
        move(task, TaskStatus.RUNNING)
    move(task, TaskStatus.SUCCESS)
    output.finish()


def is_status(word: str) -> Callable[[Frame], bool]:
    return lambda frame: frame.get("status") == word


def shown(frames: list[Frame]) -> list[str]:
    """A line's text, or a status in brackets; what listen() has sent is left out."""
    texts = [f["output"] if "output" in f else f"<{f['status']}>" for f in frames]
    return [text for text in texts if text != "<ready>"]


@pytest.fixture
def listen(connect: Connect, project: Project) -> Callable[..., list[Client]]:
    """Open a socket for each of the users; what belongs to the opening is done afterwards."""

    def open_sockets(*users: FlaskClient, **options: Any) -> list[Client]:
        clients = [connect("/api/ws", user, **options) for user in users]
        event = {"t": "run", "id": 0, "st": "ready", "update": {"status": "ready"}}
        with transaction():
            live_events.publish(project.id, event)
        for client in clients:
            client.until(is_status("ready"))
        return clients

    return open_sockets


def test_a_run_from_its_start_to_its_end(
    listen: Listen,
    browser: Person,
    project: Project,
    task: Task,
    output_of: Callable[[Task], TaskOutput],
) -> None:
    (dave,) = listen(browser("dave"))
    claim(task)
    output = output_of(task)
    output.line("Cloning…")
    move(task, TaskStatus.RUNNING)
    output.line("hello\nworld")
    end(task, output)
    frames = dave.until(is_status("success"))
    lines = ["Cloning…", "hello", "world"]
    assert [text for text in shown(frames) if text[0] != "<"] == lines
    statuses = [frame for frame in frames if frame["type"] == "update"]
    assert shown(statuses) == ["<starting>", "<running>", "<success>"]
    assert all(set(frame) == UPDATE_KEYS for frame in statuses)
    assert statuses[0]["start"] is None
    assert statuses[2]["start"] == statuses[1]["start"]
    assert statuses[2]["end"].endswith("Z")
    log = next(frame for frame in frames if frame["type"] == "log")
    assert set(log) == {"type", "output", "time", "task_id", "project_id"}
    assert (log["task_id"], log["project_id"]) == (task.id, project.id)


def test_a_token_opens_it_from_any_site(
    listen: Listen, api: Person, project: Project, task: Task
) -> None:
    (carol,) = listen(api("carol"), Origin="https://ci.example")
    claim(task)
    assert carol.next()["status"] == "starting"


def test_a_run_that_is_under_way_is_followed_from_now_on(
    listen: Listen,
    browser: Person,
    project: Project,
    task: Task,
    output_of: Callable[[Task], TaskOutput],
) -> None:
    claim(task)
    output = output_of(task)
    output.line("before")
    output.drain()
    (dave,) = listen(browser("dave"))
    output.line("after")
    end(task, output)
    assert shown(dave.until(is_status("success"))) == ["after", "<running>", "<success>"]


def test_whoever_does_not_read_gets_every_line_later_and_holds_nobody_up(
    listen: Listen,
    browser: Person,
    project: Project,
    task: Task,
    output_of: Callable[[Task], TaskOutput],
) -> None:
    (slow,) = listen(browser("dave"), slow=True)
    (quick,) = listen(browser("bob"))
    claim(task)
    move(task, TaskStatus.RUNNING)
    quick_saw = shown(quick.until(is_status("running")))
    output = output_of(task)
    texts = [f"{number:06} " + "x" * 500 for number in range(20_000)]
    for at in range(0, 20_000, 1000):
        output.line("\n".join(texts[at : at + 1000]))
    end(task, output)
    quick_saw += shown(quick.until(is_status("success")))
    assert quick_saw == ["<starting>", "<running>", *texts, "<success>"]
    slow_saw = shown(slow.until(is_status("success")))  # a state that is over may be left out
    assert [text for text in slow_saw if text[0] != "<"] == texts
    assert slow_saw[-1] == "<success>"


def test_projects_of_others_are_not_heard_and_admins_hear_all(
    listen: Listen, browser: Person, project: Project, task: Task
) -> None:
    foreign = factories.task(factories.template(factories.project("Other")))
    dave, root = listen(browser("dave"), browser("root"))
    claim(foreign)
    claim(task)
    assert dave.next()["task_id"] == task.id
    assert {root.next()["task_id"] for _ in range(2)} == {task.id, foreign.id}


def test_a_project_that_was_made_meanwhile_is_heard_from_its_beginning(
    listen: Listen, browser: Person, project: Project
) -> None:
    (root,) = listen(browser("root"))
    fresh = factories.task(factories.template(factories.project("Fresh")))
    claim(fresh)
    assert root.next()["task_id"] == fresh.id


def test_what_the_client_says_is_not_read(
    listen: Listen, browser: Person, project: Project, task: Task
) -> None:
    (dave,) = listen(browser("dave"))
    dave.say("nonsense")
    dave.say(b"\xff")
    claim(task)
    assert dave.next()["status"] == "starting"


def test_a_session_or_a_token_that_ends_closes_it(
    listen: Listen, browser: Person, api: Person, project: Project
) -> None:
    clients = listen(browser("dave"), api("dave"))
    for table in (Session, ApiToken):
        db.session.query(table).delete()
    db.session.commit()
    assert [client.close_code() for client in clients] == [4401, 4401]


def test_a_membership_that_ends_is_not_heard_any_more(
    listen: Listen, browser: Person, project: Project, task: Task
) -> None:
    other = factories.project("Other")
    (dave,) = listen(browser("dave"))
    db.session.query(ProjectUser).filter_by(role="guest").update({"project_id": other.id})
    db.session.commit()
    foreign = factories.task(factories.template(other))
    claim(foreign)
    assert dave.next()["task_id"] == foreign.id
    claim(task)
    move(foreign, TaskStatus.RUNNING)
    assert dave.next()["task_id"] == foreign.id


def test_nobody_without_credentials_gets_in(
    server: Server, client: FlaskClient, project: Project
) -> None:
    status, body = handshake(server, "/api/ws", client)
    assert (status, json.loads(body)) == (401, {"error": "Sign in first"})
    status, _ = handshake(server, "/api/ws", client, Authorization="Bearer wrong")
    assert status == 401


def test_a_cookie_from_another_site_is_refused(server: Server, browser: Person) -> None:
    status, body = handshake(server, "/api/ws", browser("dave"), Origin="https://evil.example")
    assert (status, json.loads(body)) == (403, {"error": "CROSS_ORIGIN_REQUEST_BLOCKED"})


def test_without_the_upgrade_it_is_a_bad_request(browser: Person) -> None:
    answer = browser("dave").get("/api/ws")
    assert (answer.status_code, answer.json) == (400, {"error": "Only WebSockets are served here"})


def test_without_the_upgrade_a_stranger_is_asked_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/api/ws")
    assert (answer.status_code, answer.json) == (401, {"error": "Sign in first"})

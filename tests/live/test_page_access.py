"""Who gets a page socket and what ends it; noise and wrong handshakes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Project, ProjectUser, Session, Task, TaskStatus
from tests import factories
from tests.live.page_events import changed, is_a, write
from tests.live.parts import Client, Server, handshake

Page = Callable[..., Client]


@pytest.fixture
def task(project: Project) -> Task:
    """A run of Alice's project."""
    return factories.task(factories.template(project), status=TaskStatus.RUNNING)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "nonsense",
        "[]",
        "42",
        '{"op": "nothing"}',
        '{"op": "log"}',
        '{"op": "log", "run": "x", "from": 0}',
        '{"op": "log", "run": -1, "from": 0}',
        '{"op": "log", "run": 99999999999999999999999, "from": 0}',
        '{"op": "log", "run": 1, "from": -1}',
        '{"op": "stop"}',
        '{"op": "hello", "last": "-"}',
        '{"op": "hello", "last": {"a": 1}}',
        '{"op": "hello", "last": "99999999999999999999-0"}',
        "[" * 5000,
        b"\xff\xfe",
    ],
)
def test_a_message_that_makes_no_sense_is_answered_and_changes_nothing(
    page: Page, message: str | bytes
) -> None:
    dave = page("dave")
    dave.say(message)
    assert dave.next()["t"] == "bad"
    dave.send("log", run=999, **{"from": 0})
    assert dave.next() == {"t": "gone", "r": 999}


def test_a_run_of_another_project_is_refused(page: Page, task: Task, project: Project) -> None:
    foreign = factories.task(factories.template(factories.project("Other")))
    write(foreign, 0, 3)
    dave = page("dave")
    dave.send("log", run=foreign.id, **{"from": 0})
    assert dave.next() == {"t": "gone", "r": foreign.id}
    dave.send("log", run=task.id, **{"from": 0})
    write(foreign, 3, 3)
    write(task, 0, 1)
    assert dave.next()["r"] == task.id


@pytest.mark.parametrize("query", ["999", "x", "", "-1", "٣", "9" * 3000])
def test_a_project_that_is_not_mine_is_not_found_before_the_socket_opens(
    server: Server, browser: Callable[[str], FlaskClient], query: str
) -> None:
    path = f"/ws?project={quote(query)}"
    assert handshake(server, path, browser("alice")) == (404, "Project not found\n")


def test_a_stranger_is_not_told_that_the_project_exists(
    server: Server, browser: Callable[[str], FlaskClient], project: Project
) -> None:
    path = f"/ws?project={project.id}"
    assert handshake(server, path, browser("mallory")) == (404, "Project not found\n")


def test_an_admin_sees_every_project(page: Page, task: Task) -> None:
    root = page("root", last="0-0")
    event_id = changed(task)
    assert root.next()["i"] == event_id


def test_without_a_project_the_events_of_all_mine_come(page: Page, task: Task) -> None:
    foreign = factories.task(factories.template(factories.project("Other")))
    dave, root = page("dave", "", last="0-0"), page("root", "", last="0-0")
    events = [changed(task), changed(foreign), changed(task)]
    assert {root.next()["i"] for _ in range(3)} == set(events)
    assert [dave.next()["i"] for _ in range(2)] == [events[0], events[2]]


def test_events_of_several_projects_come_again_rather_than_never(page: Page, task: Task) -> None:
    """Streams have no order among each other: one may still miss what is older than the last."""
    older, last = changed(task), changed(task)
    newer = changed(task)
    root = page("root", "", last=last)
    assert [root.next()["i"] for _ in range(3)] == [older, last, newer]


def test_nobody_who_is_not_signed_in_gets_in(
    server: Server, client: FlaskClient, project: Project
) -> None:
    assert handshake(server, f"/ws?project={project.id}", client)[0] == 302  # to the sign-in


def test_a_page_of_another_site_does_not_get_in(
    server: Server, browser: Callable[[str], FlaskClient]
) -> None:
    dave = browser("dave")
    for foreign in ("https://evil.example", f"http://localhost:{server.port}", "null"):
        assert handshake(server, "/ws", dave, Origin=foreign)[0] == 403
    own = f"http://127.0.0.1:{server.port}"
    assert handshake(server, "/ws", dave, Origin=own)[0] == 101


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-WebSocket-Key": None},
        {"Sec-WebSocket-Version": None},
        {"Sec-WebSocket-Version": "12"},
    ],
)
def test_a_handshake_that_is_wrong_is_a_bad_request(
    server: Server, browser: Callable[[str], FlaskClient], headers: dict[str, str | None]
) -> None:
    for path in ("/ws", "/api/ws"):
        assert handshake(server, path, browser("dave"), **headers)[0] == 400


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 200,
        b"\x81\x05hello",  # not masked
        b"\x81\x82\0\0\0\0\xff\xfe",  # text that is not UTF-8
        b"\x81\xff\0\0\0\0\0\x10\0\0\0\0\0\0" + b"x" * 100_000,  # too large
        b"\x88\x82\0\0\0\0\x03\xe8",
        b"\x89\x80\0\0\0\0" * 100,
    ],
)
def test_noise_harms_nobody(page: Page, task: Task, noise: bytes) -> None:
    slow, quick = page("dave", slow=True), page("alice", last="")
    slow.far.sendall(noise)
    changed(task)
    assert quick.next()["t"] == "run"


def test_without_the_upgrade_it_is_a_bad_request(
    cast: object, browser: Callable[[str], FlaskClient], client: FlaskClient
) -> None:
    assert browser("alice").get("/ws").status_code == 400
    assert client.get("/ws").location.startswith("/login")  # a stranger signs in first


def test_compression_is_not_agreed_on(
    connect: Callable[..., Client], browser: Callable[[str], FlaskClient], task: Task
) -> None:
    offered = {"Sec-WebSocket-Extensions": "permessage-deflate"}
    dave = connect("/ws", browser("dave"), **offered)
    dave.send("hello", last="0-0")
    changed(task)
    assert dave.next()["t"] == "run"


def test_a_session_that_was_closed_closes_the_socket(page: Page, task: Task) -> None:
    dave = page("dave", last="0-0")
    db.session.query(Session).delete()
    db.session.commit()
    assert dave.close_code() == 4401


def test_a_membership_that_has_ended_closes_the_socket(page: Page, task: Task) -> None:
    dave = page("dave", last="0-0")
    dave.send("log", run=task.id, **{"from": 0})
    db.session.query(ProjectUser).filter_by(role="guest").delete()
    db.session.commit()
    assert dave.close_code() == 4403


def test_the_socket_of_all_projects_loses_and_gains_one(
    page: Page, task: Task, cast: dict[str, Any]
) -> None:
    dave = page("dave", "", last="0-0")
    changed(task)
    assert dave.next()["t"] == "run"
    dave.send("log", run=task.id, **{"from": 0})
    other = factories.project("Other")
    db.session.query(ProjectUser).filter_by(role="guest").update({"project_id": other.id})
    db.session.commit()
    assert dave.until(is_a("gone"))[-1]["r"] == task.id
    changed(task)
    write(task, 0, 1)
    foreign = factories.task(factories.template(other))
    changed(foreign)
    assert dave.next()["id"] == foreign.id


def test_a_run_that_was_deleted_is_gone(page: Page, task: Task) -> None:
    dave = page("dave")
    dave.send("log", run=task.id, **{"from": 0})
    run = task.id
    db.session.delete(task)
    db.session.commit()
    assert dave.next() == {"t": "gone", "r": run}

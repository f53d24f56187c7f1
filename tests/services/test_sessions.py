"""Browsers that are signed in: when it is noted that they are used, and when they are forgotten."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from app.clock import utcnow
from app.db import db, transaction
from app.models import Project, Session, User
from app.services import sessions
from tests import factories

SignIn = Callable[[str], FlaskClient]
LONG_AGO = timedelta(hours=2)


def age(by: timedelta, **column: str) -> None:
    """Make all sessions older."""
    name = column.get("column", "last_active")
    with transaction():
        db.session.execute(update(Session).values({name: utcnow() - by}))


def last_active() -> datetime:
    with transaction(write=False):
        return db.session.scalars(select(Session.last_active)).one()


def is_fresh() -> bool:
    return utcnow() - last_active() < timedelta(minutes=1)


@pytest.fixture
def connections(app: Flask) -> Iterator[list[int]]:
    """How many connections were in use, at every moment when another one was taken."""
    in_use: list[int] = []

    def note(*_: Any) -> None:
        in_use.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]

    event.listen(db.engine, "checkout", note)
    yield in_use
    event.remove(db.engine, "checkout", note)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_request_notes_it_without_a_second_connection(
    method: str, browser: SignIn, project: Project, connections: list[int]
) -> None:
    client = browser("root")
    age(LONG_AGO)
    connections.clear()
    answer = getattr(client, method)("/projects", data={"name": "New"})
    assert answer.status_code < 400
    assert is_fresh()
    assert set(connections) == {1}


def test_it_is_noted_once_a_minute(browser: SignIn) -> None:
    client = browser("alice")
    age(timedelta(seconds=50))
    before = last_active()
    client.get("/projects")
    assert last_active() == before


def test_a_page_does_not_wait_for_the_lock_to_note_it(browser: SignIn) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one lock for all who write")
    client = browser("alice")
    age(LONG_AGO)
    with closing(sqlite3.connect(db.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.get("/projects").status_code == 200
        other.execute("COMMIT")
    assert not is_fresh()
    client.get("/projects")
    assert is_fresh()


def test_a_refused_request_notes_nothing_of_a_stranger(client: FlaskClient, cast: Any) -> None:
    client.set_cookie("semaphore", "guessed")
    assert client.get("/projects").status_code == 302
    assert db.session.scalars(select(Session)).all() == []


@pytest.mark.parametrize(
    ("column", "by"), [("last_active", sessions.IDLE), ("created", sessions.ABSOLUTE)]
)
def test_who_was_away_too_long_signs_in_again(app: Flask, column: str, by: timedelta) -> None:
    anna: User = factories.user("anna")
    with transaction():
        secret = sessions.open_for(anna, ip="127.0.0.1", user_agent="test")
    assert sessions.find(secret)
    age(by + timedelta(minutes=1), column=column)
    db.session.expire_all()
    assert sessions.find(secret) is None
    with transaction():
        sessions.forget_the_expired()
    assert db.session.scalars(select(Session)).all() == []

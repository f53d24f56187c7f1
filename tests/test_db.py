"""Where transactions begin and end, and what waits for their end."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db import begin, db, engine_options, is_writing, on_commit, transaction
from app.errors import Unavailable
from app.models import Lock, User
from tests import factories


def user(name: str) -> User:
    return User(username=name, name=name, email=f"{name}@example.test", password="")


def names() -> list[str]:
    with transaction(write=False):
        return list(db.session.scalars(select(User.username).order_by(User.username)))


@pytest.fixture
def other(app: Flask) -> Iterator[sqlite3.Connection]:
    """Another process that uses the database, which has one lock for all who write."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one lock for all who write")
    with closing(sqlite3.connect(db.engine.url.database or "", isolation_level=None)) as connection:
        yield connection


def lock(other: sqlite3.Connection, name: str) -> None:
    other.execute("INSERT INTO lock (name) VALUES (?)", (name,))


def test_what_waits_for_the_commit_is_called_after_it_in_order(app: Flask) -> None:
    seen: list[object] = []
    with transaction():
        db.session.add(user("anna"))
        on_commit(lambda: seen.append(names()))
        on_commit(seen.append, "second")
        assert seen == []
    assert seen == [["anna"], "second"]


def test_a_rollback_forgets_what_waits(app: Flask) -> None:
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError), transaction():
        db.session.add(user("anna"))
        on_commit(seen.append, "never")
        raise ZeroDivisionError
    with transaction():
        on_commit(seen.append, "later")
    assert (names(), seen) == ([], ["later"])


def test_a_failed_savepoint_forgets_only_its_own(app: Flask) -> None:
    seen: list[str] = []
    with transaction():
        on_commit(seen.append, "outer")
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            on_commit(seen.append, "inner")
            raise ZeroDivisionError
    assert seen == ["outer"]


def test_a_callback_that_fails_is_logged_and_the_next_is_called(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    with caplog.at_level(logging.ERROR), transaction():
        on_commit(lambda: 1 // 0)
        on_commit(seen.append, "next")
    assert seen == ["next"]
    assert [r.message for r in caplog.records] == ["after-commit callback failed"]


def test_one_inside_another_joins_it(app: Flask) -> None:
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError), transaction():
        with transaction():
            db.session.add(user("anna"))
            on_commit(seen.append, "inner")
        with transaction(write=False):
            assert db.session.scalars(select(User.username)).all() == ["anna"]
        assert (seen, is_writing()) == ([], True)
        raise ZeroDivisionError
    assert (names(), seen) == ([], [])


def test_the_outermost_commits_what_the_inner_did(app: Flask) -> None:
    seen: list[str] = []
    with transaction():
        with transaction():
            db.session.add(user("anna"))
            on_commit(seen.append, "inner")
        db.session.add(user("bert"))
        assert seen == []
    assert (names(), seen) == (["anna", "bert"], ["inner"])


def test_a_transaction_that_was_begun_to_write_is_taken_over(app: Flask) -> None:
    begin(write=True)
    with transaction(write=False):
        assert is_writing()
        db.session.add(user("anna"))
    assert not is_writing()
    assert names() == ["anna"]


def test_what_was_only_read_does_not_bar_writing(app: Flask, other: sqlite3.Connection) -> None:
    """A snapshot that is older than somebody's commit could not be upgraded: it is ended first."""
    db.session.scalars(select(User)).all()
    lock(other, "theirs")
    with transaction():
        assert db.session.get(Lock, "theirs")
        db.session.add(user("anna"))
    assert names() == ["anna"]


def test_writing_inside_a_reading_one_begins_anew(app: Flask, other: sqlite3.Connection) -> None:
    with transaction(write=False):
        db.session.scalars(select(User)).all()
        lock(other, "theirs")
        with transaction():
            db.session.add(user("anna"))
    assert names() == ["anna"]


def test_a_second_writer_waits_for_the_first(app: Flask, other: sqlite3.Connection) -> None:
    order: list[str] = []
    started = threading.Event()

    def second() -> None:
        with app.app_context():
            started.set()
            with transaction():
                order.append("second")

    thread = threading.Thread(target=second)
    with transaction():
        thread.start()
        started.wait(10)
        db.session.add(user("anna"))
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_who_does_not_want_to_wait_is_told_so(app: Flask, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy"), transaction(patience=0):
        pytest.fail("the lock was taken")
    other.execute("COMMIT")
    with transaction(patience=0):
        db.session.add(user("anna"))
    assert names() == ["anna"]


def test_an_error_tells_no_values(app: Flask) -> None:
    factories.user("anna")
    with pytest.raises(IntegrityError) as error, transaction():
        db.session.add(User(username="anna", name="", email="", password="hash of a secret"))
    assert "hash of a secret" not in str(error.value)


@pytest.mark.parametrize("url", ["postgresql+psycopg://db/x", "mysql+pymysql://db/x"])
def test_no_server_is_waited_for_without_end(url: str) -> None:
    options = engine_options(url, 5)
    assert options["connect_args"]["connect_timeout"] == 5
    assert options["pool_timeout"] == 10
    assert {"tcp_user_timeout", "read_timeout"} & options["connect_args"].keys()

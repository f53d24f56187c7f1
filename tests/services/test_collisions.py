"""Of two writers that wait for each other both come through."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.collisions import TRIES, retried
from app.db import db
from app.guard import PUBLIC, requires
from app.models import Project, ProjectView
from tests import factories


class Refused(Exception):
    """As a driver says it: MySQL's number, PostgreSQL's state."""

    def __init__(self, number: int, sqlstate: str = "") -> None:
        super().__init__(number, "said so")
        self.sqlstate = sqlstate


DEADLOCK = OperationalError("UPDATE", {}, Refused(1213))
STATE = OperationalError("UPDATE", {}, Refused(0, "40P01"))
AWAY = OperationalError("UPDATE", {}, Refused(2006))


def test_two_that_take_rows_in_opposite_order(app: Flask, project: Project) -> None:
    ids = [factories.view(project, title).id for title in ("A", "B")]
    both_have_one = threading.Barrier(2)
    db.session.remove()

    def write(title: str, order: list[int]) -> None:
        def work() -> None:
            for row_id in order:
                db.session.execute(
                    update(ProjectView).where(ProjectView.id == row_id).values(title=title)
                )
                if db.engine.dialect.name != "sqlite" and not both_have_one.broken:
                    wait(both_have_one)

        with app.app_context():
            retried(work)
            db.session.remove()

    writers = [
        threading.Thread(target=write, args=("one", ids)),
        threading.Thread(target=write, args=("two", ids[::-1])),
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    titles = db.session.scalars(select(ProjectView.title)).all()
    assert len(set(titles)) == 1 and titles[0] in ("one", "two")


def wait(barrier: threading.Barrier) -> None:
    """Only for the first row: from then on each goes its own way."""
    try:
        barrier.wait(5)
    except threading.BrokenBarrierError:
        return
    barrier.abort()


@pytest.fixture
def answers(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def ask(*outcomes: Exception | None) -> tuple[int, int]:
        """The status of a request whose view ends so, one time after the other; how often it ran"""
        left = iter(outcomes)
        ran = []

        @requires(PUBLIC)
        def view() -> str:
            ran.append(1)
            if error := next(left):
                raise error
            return "done"

        monkeypatch.setitem(app.view_functions, "api_ping.show", view)
        return client.get("/api/ping").status_code, len(ran)

    return ask


def test_a_request_is_done_again(answers: Callable[..., Any]) -> None:
    assert answers(DEADLOCK, STATE, None) == (200, 3)


def test_but_not_for_ever(answers: Callable[..., Any]) -> None:
    assert answers(*[DEADLOCK] * TRIES) == (503, TRIES)


def test_and_not_when_the_database_is_away(answers: Callable[..., Any]) -> None:
    assert answers(AWAY) == (503, 1)

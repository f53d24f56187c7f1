"""Exceptions become answers in the words of their receiver."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError, TimeoutError

from app.db import db
from app.guard import PUBLIC, requires

SignIn = Callable[[str], FlaskClient]
AWAY = [
    TimeoutError("QueuePool limit of size 5 overflow 0 reached"),
    OperationalError("SELECT 1", {}, Exception("server closed the connection")),
]


def fails_with(error: Exception) -> Callable[[], Any]:
    @requires(PUBLIC)
    def view() -> Any:
        raise error

    return view


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_a_database_that_does_not_answer_is_503(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setitem(app.view_functions, "api_ping.show", fails_with(error))
    monkeypatch.setitem(app.view_functions, "sign_in.show", fails_with(error))
    answer = client.get("/api/ping")
    assert answer.status_code == 503
    assert answer.json == {"error": "The database does not answer; nothing was changed"}
    page = client.get("/login")
    assert page.status_code == 503
    assert "Heliograph cannot answer now" in page.text


@pytest.mark.parametrize("name", ["no_table", "user.no_column"])
def test_tables_of_another_release_are_named(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    @requires(PUBLIC)
    def view() -> Any:
        table, _, column = name.partition(".")
        quoted = db.engine.dialect.identifier_preparer.quote(table)
        db.session.execute(text(f"SELECT u.{column or 'id'} FROM {quoted} u"))

    monkeypatch.setitem(app.view_functions, "api_ping.show", view)
    answer = client.get("/api/ping")
    assert answer.status_code == 503
    assert answer.json == {"error": "The tables are of another release: run flask db upgrade"}


def test_what_no_text_of_the_database_can_hold_is_the_senders_fault(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL refuses a zero byte wherever it comes, in a search as well."""

    @requires(PUBLIC)
    def view() -> Any:
        raise DataError("SELECT 1", {}, ValueError("cannot contain NUL (0x00) bytes"))

    monkeypatch.setitem(app.view_functions, "api_ping.show", view)
    answer = client.get("/api/ping")
    assert answer.status_code == 400 and "cannot be stored" in answer.json["error"]


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/project"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_what_the_api_does_not_know_is_404_in_json(
    client: FlaskClient, path: str, method: str
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.json) == (404, {"error": "Not found"})


def test_what_only_begins_like_the_api_is_a_page(client: FlaskClient) -> None:
    answer = client.get("/apis")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")

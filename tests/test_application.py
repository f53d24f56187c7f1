"""The frame around every view: what is read, and which transaction it runs in."""

import io
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.db import db
from app.lib.below_path import BelowPath

SignIn = Callable[[str], FlaskClient]


class WatchedBody(io.BytesIO):
    """A body that notes, whenever it is read, whether somebody else could write meanwhile."""

    free: list[bool]

    def readinto(self, buffer: Any) -> int:
        return self._noting(super().readinto, buffer)

    def read(self, size: int | None = -1) -> bytes:
        return self._noting(super().read, size)

    def _noting(self, read: Callable[[Any], Any], argument: Any) -> Any:
        self.free = [*getattr(self, "free", []), can_write()]
        return read(argument)


def can_write() -> bool:
    path = db.engine.url.database or ""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


@pytest.mark.parametrize(
    ("who", "path", "kind", "sent"),
    [
        ("api", "/api/projects", "application/json", b'{"name": "Slow"}'),
        ("browser", "/projects", "application/x-www-form-urlencoded", b"name=Slow"),
    ],
)
def test_while_a_body_arrives_others_can_write(
    who: str, path: str, kind: str, sent: bytes, request: pytest.FixtureRequest
) -> None:
    body = WatchedBody(sent)
    client = request.getfixturevalue(who)("root")
    answer = client.post(path, input_stream=body, content_length=len(sent), content_type=kind)
    assert answer.status_code < 400
    assert body.free
    assert all(body.free)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(api: SignIn) -> None:
    answer = api("root").post("/api/projects", data=b" " * (16 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.json == {"error": "The body is larger than 16 MB"}


def test_a_body_of_far_too_many_values_is_not_even_parsed(client: FlaskClient) -> None:
    """Nobody has to sign in for this; as objects it would take forty times its size."""
    answer = client.post("/api/auth/login", data=b'{"auth": [' + b"{}," * 1_000_000 + b"{}]}")
    assert (answer.status_code, answer.json) == (
        400, {"error": "The body holds more than 500,000 values"},
    )  # fmt: skip


def test_a_form_of_too_many_or_too_large_fields_is_told_the_limits(browser: SignIn) -> None:
    root, kind = browser("root"), "multipart/form-data; boundary=cut"
    for values in (["x" * 600_000], [""] * 1001):
        parts = (f'--cut\r\nContent-Disposition: form-data; name="n"\r\n\r\n{v}' for v in values)
        sent = "\r\n".join([*parts, "--cut--\r\n"]).encode()
        refused = root.post("/projects", data=sent, content_type=kind)
        assert refused.status_code == 413
        assert "A form has 1,000 fields at most, 500 kB in each but files" in refused.text


def test_the_api_reads_json_whatever_the_client_calls_it(api: SignIn) -> None:
    answer = api("root").post(
        "/api/projects", data='{"name": "curl"}', content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, answer.json and answer.json["name"]) == (201, "curl")


def test_a_request_that_writes_commits_once(app: Flask, api: SignIn) -> None:
    client, commits = api("root"), []

    def note(_connection: Any) -> None:
        commits.append(True)

    event.listen(db.engine, "commit", note)
    client.post("/api/projects", json={"name": "Once"})
    event.remove(db.engine, "commit", note)
    assert len(commits) == 1


def test_below_a_path_every_link_leads_below_it(app, browser, project, monkeypatch) -> None:
    monkeypatch.setattr(app, "wsgi_app", BelowPath(app.wsgi_app, "/heliograph"))
    client = browser("alice")
    page = client.get(f"/heliograph/p/{project.id}/templates").text
    local = re.findall(r'(?:href|src|action|hx-get|hx-post|data-socket)="(/[^"]*)"', page)
    assert local and [link for link in local if not link.startswith("/heliograph/")] == []
    assert client.get("/heliograph/").headers["Location"].startswith("/heliograph/")

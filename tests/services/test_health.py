"""Whether each part that the server needs works."""

import pytest
from flask import Flask

from app.services import health


def test_tables_of_another_release_are_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.check()["database"] == "ok"
    monkeypatch.setattr(health, "_newest", lambda: {"0000"})
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    said = "the tables are of another release: run flask db upgrade"
    assert answer.get_json()["parts"]["database"] == said

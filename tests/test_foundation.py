"""The application answers, and refuses what it should in the words of its receiver."""

from flask import Flask
from flask.testing import FlaskClient


def test_ping(app: Flask) -> None:
    answer = app.test_client().get("/api/ping")
    assert (answer.status_code, answer.text) == (200, "pong")
    assert answer.content_type == "text/plain; charset=utf-8"


def test_health_names_what_is_missing(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "failing",
        "parts": {
            "database": "ok",
            "redis": "ok",
            "worker": "no worker is online",
            "disk": "ok",
        },
    }


def test_an_unknown_path_or_method_of_the_api_is_json_404(client: FlaskClient) -> None:
    for answer in (client.get("/api/nope"), client.delete("/api/ping")):
        assert answer.status_code == 404
        assert answer.json == {"error": "Not found"}

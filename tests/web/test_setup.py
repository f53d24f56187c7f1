"""The first visit: who may set the server up, and what comes of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import invitation
from app.db import db
from app.models import Project, User
from tests import factories

FORM = {"name": "Anna Berg", "username": "anna", "password": "correct horse battery", "demo": "1"}
FAR = {"REMOTE_ADDR": "192.0.2.7"}


def users() -> list[str]:
    return list(db.session.scalars(select(User.username)))


def test_the_start_page_leads_to_it_until_there_is_a_user(client: FlaskClient) -> None:
    assert client.get("/").location == "/setup"
    assert client.get("/setup").status_code == 200
    factories.user("anna")
    assert client.get("/").location == "/login"
    assert client.get("/setup").location == "/"
    assert client.post("/setup", data=FORM).location == "/"
    assert client.get("/setup/_tools").status_code == 204
    assert users() == ["anna"]


def test_it_creates_the_account_signs_in_and_opens_the_demo(client: FlaskClient) -> None:
    answer = client.post("/setup", data=FORM)
    project = db.session.scalars(select(Project)).one()
    assert (answer.status_code, answer.location) == (303, f"/p/{project.id}?welcome=1")
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "Run Hello" in page.text


def test_the_demo_can_be_left_out(client: FlaskClient) -> None:
    sent = {name: value for name, value in FORM.items() if name != "demo"}
    assert client.post("/setup", data=sent).location == "/projects"
    assert db.session.scalars(select(Project)).all() == []


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"name": " "}, "Name cannot be empty"),
        ({"username": ""}, "Username cannot be empty"),
        ({"username": "an na"}, "Must consist of letters, digits and [.] _ - @ [+]"),
        ({"username": "a\x00"}, "Must be one line without control characters"),
        ({"username": "x" * 256}, "At most 255 characters"),
        ({"password": "too short"}, "At least 12 characters"),
        ({"password": "x" * 1025}, "Passwords have at most 1024 bytes"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    client: FlaskClient, changed: dict[str, str], text: str
) -> None:
    answer = client.post("/setup", data=FORM | changed)
    field = next(iter(changed))
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-error">.*{text}', answer.text)
    assert f'href="#f-{field}"' in answer.text
    assert FORM["password"] not in answer.text
    assert users() == []


@pytest.fixture
def ask(app: Flask) -> Callable[..., TestResponse]:
    """Open the set-up page from somewhere: ask("192.0.2.7", Host="…")."""

    def get(ip: str = "127.0.0.1", path: str = "/setup", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return app.test_client().get(path, headers=named, environ_base={"REMOTE_ADDR": ip})

    return get


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:3000", "127.0.0.1:80", "[::1]", "[::1]:9"]
)
@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_at_this_machine_no_token_is_needed(ask: Any, ip: str, host: str) -> None:
    assert 'id="f-username"' in ask(ip, Host=host).text


@pytest.mark.parametrize(
    "seen",
    [
        {"ip": "192.0.2.7"},
        {"ip": ""},
        {"Host": "heliograph.example"},
        {"Host": "localhost.evil.example"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"X_Forwarded_Host": "localhost"},
        {"X_Real_IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
    ],
    ids=str,
)
def test_everywhere_else_the_token_is_asked_for(ask: Any, seen: dict[str, str]) -> None:
    page = ask(**seen)
    assert page.status_code == 200
    assert 'id="f-token"' in page.text
    assert 'id="f-username"' not in page.text
    wrong = ask(**seen, path="/setup?token=wrong")
    assert wrong.status_code == 403
    assert "This is not the token of this server" in wrong.text


def test_a_proxy_that_is_silent_about_itself_is_noticed(client: FlaskClient) -> None:
    page = client.get("/setup", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"})
    assert 'id="f-token"' in page.text


def test_the_token_of_the_servers_output_opens_the_form(app: Flask, ask: Any) -> None:
    token = invitation.token(app.config["SECRET_KEY"])
    page = ask("192.0.2.7", path=f"/setup?token={token}")
    assert f'name="token" value="{token}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    client = app.test_client()
    typed = client.post("/setup", data={"token": token}, environ_base=FAR)
    assert (typed.status_code, 'id="f-username"' in typed.text) == (200, True)
    assert client.post("/setup", data=FORM, environ_base=FAR).status_code == 403
    assert users() == []
    done = client.post("/setup", data=FORM | {"token": token}, environ_base=FAR)
    assert done.status_code == 303
    assert users() == ["anna"]


def test_another_site_cannot_set_it_up(client: FlaskClient) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/setup", data=FORM, headers=foreign).status_code == 403
    assert users() == []


def test_the_tools_are_a_fragment_of_the_page(client: FlaskClient) -> None:
    fragment = client.get("/setup/_tools", headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "Git" in fragment.text
    assert "<h1" not in fragment.text
    assert "Found on this machine" in client.get("/setup").text

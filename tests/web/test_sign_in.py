"""Signing in and out on the pages."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.db import db
from app.extensions import settings
from app.models import Session, User
from app.services import auth
from app.web.sign_in import local_path
from tests import factories

PASSWORD = "correct horse battery"


@pytest.fixture
def anna(app: Flask) -> User:
    return factories.user("anna", password=auth.hash_password(PASSWORD))


def sign_in(client: FlaskClient, password: str = PASSWORD, **fields: str) -> TestResponse:
    return client.post("/login", data={"username": "anna", "password": password} | fields)


def count_sessions() -> int:
    return db.session.scalar(select(func.count(Session.id))) or 0


def test_the_page_is_plain_and_complete(client: FlaskClient, anna: User) -> None:
    page = client.get("/login")
    assert page.status_code == 200
    assert "Sign in to Heliograph" in page.text
    assert "htmx" not in page.text
    assert 'autocomplete="current-password"' in page.text


def test_it_opens_a_session(client: FlaskClient, anna: User) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("semaphore=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/projects").status_code == 200
    assert client.get("/login", query_string={"next": "/me/profile"}).location == "/me/profile"


def test_over_https_the_cookie_is_secure(client: FlaskClient, anna: User) -> None:
    sent = {"username": "anna", "password": PASSWORD}
    answer = client.post("/login", data=sent, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_cookies_are_secure_where_that_is_set(
    app: Flask, client: FlaskClient, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = replace(app.config["HELIOGRAPH"], SECURE_COOKIES=True)
    assert "Secure" not in sign_in(client).headers["Set-Cookie"]
    monkeypatch.setitem(app.config, "HELIOGRAPH", kept)
    assert "Secure" in sign_in(client).headers["Set-Cookie"]


def test_the_session_it_came_with_ends(client: FlaskClient, anna: User) -> None:
    sign_in(client)
    sign_in(client)
    assert count_sessions() == 1


@pytest.mark.parametrize("username", ["anna", "nobody"])
def test_a_wrong_password_and_an_unknown_user_look_the_same(
    client: FlaskClient, anna: User, username: str
) -> None:
    answer = sign_in(client, "wrong", username=username)
    assert answer.status_code == 401
    assert "Wrong username or password." in answer.text
    assert f'value="{username}"' in answer.text
    assert "wrong" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_too_many_attempts_say_how_long_to_wait(client: FlaskClient, anna: User) -> None:
    for _ in range(5):
        sign_in(client, "wrong")
    answer = sign_in(client)
    wait = int(answer.headers["Retry-After"])
    assert answer.status_code == 429
    assert 1 <= wait <= 60
    assert f"Too many attempts. Try again in {wait} s." in answer.text
    assert count_sessions() == 0


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_site_cannot_sign_somebody_in(client: FlaskClient, anna: User, origin: str) -> None:
    sent = {"username": "anna", "password": PASSWORD}
    assert client.post("/login", data=sent, headers={"Origin": origin}).status_code == 403
    assert count_sessions() == 0


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/p/1/runs/42?q=a%20b", "/p/1/runs/42?q=a%20b"),
        ("http://localhost/p/1?x=1", "/p/1?x=1"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("http://localhost//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/p/1\r\nSet-Cookie: x=1", "/"),
        ("javascript:alert(1)", "/"),
        ("evil", "/"),
        ("http://[", "/"),
    ],
)
def test_it_leads_to_our_own_pages_only(app: Flask, target: str, lands: str) -> None:
    with app.test_request_context("/login"):
        assert local_path(target) == lands


def test_it_leads_back_to_where_one_wanted_to_go(client: FlaskClient, anna: User) -> None:
    refused = client.get("/me/tokens?x=1")
    assert (refused.status_code, refused.location) == (302, "/login?next=/me/tokens?x%3D1")
    assert 'name="next" value="/me/tokens?x=1"' in client.get(refused.location).text
    assert sign_in(client, next="/me/tokens?x=1").location == "/me/tokens?x=1"
    assert sign_in(client, next="//evil.example").location == "/"


def test_a_lost_session_sends_a_fragment_to_the_sign_in(client: FlaskClient, anna: User) -> None:
    current = {"HX-Request": "true", "HX-Current-URL": "http://localhost/p/1/runs"}
    answer = client.get("/p/1/runs", headers=current)
    assert answer.status_code == 401
    page = client.get(answer.headers["HX-Redirect"])
    assert 'name="next" value="/p/1/runs"' in page.text


def test_signing_out_ends_the_session(browser: Callable[[str], FlaskClient]) -> None:
    client = browser("bob")
    answer = client.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert count_sessions() == 0
    assert client.get("/projects").status_code == 302


def test_nobody_is_signed_out_by_another_site(browser: Callable[[str], FlaskClient]) -> None:
    client = browser("bob")
    assert client.get("/logout").status_code == 404
    assert client.post("/logout", headers={"X-CSRF-Token": "wrong"}).status_code == 403
    assert count_sessions() == 1


def test_page_and_api_offer_no_password_and_take_one_that_is_sent(
    app: Flask, client: FlaskClient, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = replace(settings(), PASSWORD_LOGIN_DISABLE=True)
    monkeypatch.setitem(app.config, "HELIOGRAPH", changed)
    page = client.get("/login")
    assert "offers no sign-in with a password" in page.text
    assert "<form" not in page.text
    assert client.get("/api/auth/login").json["login_with_password"] is False
    assert sign_in(client).status_code == 303
    assert client.get("/api/info").json["login_with_password"] is False
    body = {"auth": "anna", "password": PASSWORD}
    assert app.test_client().post("/api/auth/login", json=body).status_code == 204


def test_before_there_is_a_user_it_leads_to_the_set_up(client: FlaskClient) -> None:
    assert client.get("/login").location == "/setup"

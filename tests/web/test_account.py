"""One's own account: profile, password, tokens, sessions, appearance."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.clock import utcnow
from app.db import db
from app.models import ApiToken, Session, User
from app.services import api_tokens, auth, sessions

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
OLD, NEW = "correct horse battery", "another horse battery"
PAGES = ("profile", "security", "tokens", "sessions", "appearance")


def bob() -> User:
    db.session.rollback()
    return db.session.scalars(select(User).filter_by(username="bob")).one()


@pytest.fixture
def known(cast: dict[str, User]) -> None:
    """Bob has a password."""
    cast["bob"].password = auth.hash_password(OLD)
    db.session.commit()


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_for_whoever_is_signed_in(
    client: FlaskClient, browser: Browser, name: str
) -> None:
    page = browser("mallory").get(f"/me/{name}")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert f'aria-current="page">{name.capitalize()}</a>' in page.text
    refused = client.get(f"/me/{name}")
    assert (refused.status_code, refused.location) == (302, f"/login?next=/me/{name}")


def test_the_profile_changes(browser: Browser) -> None:
    sent = {"name": "Robert", "username": "Robert", "email": "R@example.test", "admin": "1"}
    answer = browser("bob").post("/me/profile", data=sent)
    assert (answer.status_code, answer.location) == (303, "/me/profile")
    user = db.session.scalars(select(User).filter_by(username="robert")).one()
    assert (user.name, user.email, user.admin, user.password) == (
        "Robert", "r@example.test", False, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"username": "alice"}, "Already taken"),
        ({"email": "alice@example.test"}, "Already taken"),
        ({"email": ""}, "Email cannot be empty"),
        ({"name": " "}, "Name cannot be empty"),
    ],
)
def test_a_refused_profile_comes_back(browser: Browser, sent: dict[str, str], text: str) -> None:
    given = {"name": "Bob", "username": "bob", "email": "bob@example.test"} | sent
    answer = browser("bob").post("/me/profile", data=given)
    assert answer.status_code == 422
    assert re.search(rf'id="f-{next(iter(sent))}-error">.*{text}', answer.text)
    assert bob().email == "bob@example.test"


def test_a_profile_that_was_changed_meanwhile_is_not_overwritten(browser: Browser) -> None:
    client = browser("bob")
    version = re.search(r'name="version" value="(\d+)"', client.get("/me/profile").text)[1]
    sent = {"name": "Bob", "username": "bob", "email": "bob@example.test", "version": version}
    assert client.post("/me/profile", data=sent | {"name": "Robert"}).status_code == 303
    late = client.post("/me/profile", data=sent | {"email": "b@example.test"})
    assert late.status_code == 409 and "Changed by Robert" in late.text
    assert "<dd>Robert</dd>" in late.text and 'value="b@example.test"' in late.text
    assert (bob().name, bob().email) == ("Robert", "bob@example.test")
    now = re.search(r'name="version" value="(\d+)"', late.text)[1]
    assert client.post("/me/profile", data=sent | {"version": now}).status_code == 303
    assert bob().name == "Bob"


def test_a_new_password_signs_out_everywhere_else(browser: Browser, known: None) -> None:
    here, elsewhere, alice = browser("bob"), browser("bob"), browser("alice")
    answer = here.post("/me/security", data={"current": OLD, "password": NEW})
    assert (answer.status_code, answer.location) == (303, "/me/security")
    assert here.get("/me/profile").status_code == 200
    assert elsewhere.get("/me/profile").status_code == 302
    assert alice.get("/me/profile").status_code == 200
    assert auth.sign_in("bob", NEW, ip="192.0.2.1").username == "bob"


@pytest.mark.parametrize(
    ("sent", "field", "text"),
    [
        ({"current": "wrong", "password": NEW}, "current", "This is not your current password"),
        ({"password": NEW}, "current", "This is not your current password"),
        ({"current": OLD, "password": "short"}, "password", "At least 12 characters"),
        ({"current": OLD, "password": "x" * 1025}, "password", "at most 1024 bytes"),
    ],
)
def test_a_refused_password_changes_nothing(
    browser: Browser, known: None, sent: dict[str, str], field: str, text: str
) -> None:
    browser("bob")
    answer = browser("bob").post("/me/security", data=sent)
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-error">.*{text}', answer.text)
    assert OLD not in answer.text
    assert len(sessions.list_for(bob())) == 2
    assert auth.sign_in("bob", OLD, ip="192.0.2.1").username == "bob"


def test_an_external_user_has_no_password_to_change(browser: Browser) -> None:
    bob().external = True
    db.session.commit()
    client = browser("bob")
    assert "signs in elsewhere" in client.get("/me/security").text
    sent = {"current": "", "password": NEW}
    assert client.post("/me/security", data=sent).status_code == 422
    assert bob().password == ""


def test_a_token_is_shown_once(app: Flask, browser: Browser) -> None:
    client = browser("bob")
    made = client.post("/me/tokens", data={"name": "ci", "last_day": ""})
    found = re.search(r'<code id="token">([^<]+)</code>', made.text)
    assert made.status_code == 200 and found
    assert made.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in made.headers
    assert 'name="name" value=""' in made.text  # the form is ready for the next one
    script = app.test_client()
    sent = {"Authorization": f"Bearer {found[1]}"}
    assert script.get("/api/user", headers=sent).json["username"] == "bob"
    again = client.get("/me/tokens").text
    assert found[1] not in again
    assert found[1][:8] in again
    with client.session_transaction() as kept:
        assert not [value for value in kept.values() if found[1] in str(value)]


def test_a_token_is_good_until_the_end_of_its_last_day(browser: Browser) -> None:
    day = (utcnow() + timedelta(days=3)).date()
    client = browser("bob")
    assert client.post("/me/tokens", data={"last_day": str(day)}).status_code == 200
    expires = db.session.scalars(select(ApiToken.expires_at)).one()
    assert expires
    assert (expires.date(), expires.hour, expires.minute) == (day, 23, 59)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"last_day": "2020-01-01"}, "This day is over"),
        ({"last_day": "soon"}, "Must be a day"),
        ({"last_day": "9999-12-31"}, "Must be in a year from 1000 to 9998"),
        ({"name": "x" * 256}, "At most 255 characters"),
    ],
)
def test_a_refused_token_is_not_made(browser: Browser, sent: dict[str, str], text: str) -> None:
    answer = browser("bob").post("/me/tokens", data=sent)
    assert answer.status_code == 422
    assert text in answer.text
    assert db.session.scalars(select(ApiToken)).all() == []


def test_a_token_is_revoked_after_a_question(browser: Browser, cast: dict[str, User]) -> None:
    prefix = api_tokens.create(cast["bob"], name="ci")[0].prefix
    db.session.commit()
    question = browser("bob").get(f"/me/tokens/{prefix}/delete", headers=HX)
    assert "Revoke the token “ci”?" in question.text
    assert "<h1" not in question.text
    assert browser("alice").get(f"/me/tokens/{prefix}/delete").status_code == 404
    assert browser("alice").post(f"/me/tokens/{prefix}/delete").status_code == 404
    done = browser("bob").post(f"/me/tokens/{prefix}/delete")
    assert (done.status_code, done.location) == (303, "/me/tokens")
    assert db.session.scalars(select(ApiToken)).all() == []


def test_sessions_are_listed_and_signed_out(browser: Browser) -> None:
    here, elsewhere = browser("bob"), browser("bob")
    page = here.get("/me/sessions").text
    assert page.count("this one") == 1
    prefixes = re.findall(r'action="/me/sessions/(\w+)/delete"', page)
    assert len(prefixes) == 1
    assert browser("alice").post(f"/me/sessions/{prefixes[0]}/delete").status_code == 404
    assert here.post(f"/me/sessions/{prefixes[0]}/delete").location == "/me/sessions"
    assert elsewhere.get("/me/sessions").status_code == 302
    assert here.post(f"/me/sessions/{prefixes[0]}/delete").status_code == 404


@pytest.mark.parametrize("prefix", ["%25", "_" * 16, "0", "f" * 64])
def test_a_session_is_named_exactly(browser: Browser, prefix: str) -> None:
    client = browser("bob")
    assert client.post(f"/me/sessions/{prefix}/delete").status_code == 404
    assert client.get("/me/sessions").status_code == 200


def test_all_other_sessions_are_signed_out_at_once(browser: Browser) -> None:
    here, others, alice = browser("bob"), [browser("bob"), browser("bob")], browser("alice")
    assert here.post("/me/sessions/delete").location == "/me/sessions"
    assert here.get("/me/sessions").status_code == 200
    assert {other.get("/me/sessions").status_code for other in others} == {302}
    assert alice.get("/me/sessions").status_code == 200


@pytest.mark.parametrize(
    "path", ["profile", "security", "tokens", "tokens/abcdefgh/delete", "sessions/delete"]
)
def test_a_forged_form_is_refused(browser: Browser, path: str, known: None) -> None:
    sent: dict[str, Any] = {"name": "x", "username": "x", "email": "x@x", "current": OLD}
    client = browser("bob")
    answer = client.post(f"/me/{path}", data=sent | {"password": NEW, "csrf_token": "x"},
                         headers={"X-CSRF-Token": ""})  # fmt: skip
    assert answer.status_code == 403
    assert (bob().username, len(db.session.scalars(select(Session)).all())) == ("bob", 1)
    assert db.session.scalars(select(ApiToken)).all() == []


def test_the_hidden_field_is_enough_without_javascript(browser: Browser) -> None:
    client = browser("bob")
    found = re.search(r'name="csrf_token" value="(\w+)"', client.get("/me/profile").text)
    assert found
    sent = {"name": "B", "username": "bob", "email": "b@x", "csrf_token": found[1]}
    answer = client.post("/me/profile", data=sent, headers={"X-CSRF-Token": ""})
    assert answer.status_code == 303


def test_appearance_offers_what_app_js_keeps(browser: Browser) -> None:
    page = browser("bob").get("/me/appearance").text
    for name in ("theme", "density", "log", "keys"):
        assert f"data-{name}-set=" in page
    assert "<noscript>" in page


def test_a_browser_is_named_in_words(app: Flask, browser: Browser, cast: dict[str, User]) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    sessions.open_for(cast["bob"], ip="192.0.2.1", user_agent=agent)
    sessions.open_for(cast["bob"], ip="192.0.2.2", user_agent="<script>alert(1)</script>")
    db.session.commit()
    page = browser("bob").get("/me/sessions").text
    assert "Firefox on Linux" in page
    assert "Unknown browser" in page
    assert "<script>alert" not in page


def test_security_shows_what_happened_to_the_account(browser: Browser) -> None:
    alice = browser("alice")
    alice.post("/me/tokens", data={"name": "ci"})
    page = alice.get("/me/security").text
    assert "User alice given the API token" in page and "by Alice" in page
    assert "given the API token" not in browser("bob").get("/me/security").text

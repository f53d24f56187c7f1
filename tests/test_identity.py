"""Who sends a request: a cookie, a bearer token, or nobody."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from app.clock import utcnow
from app.db import db
from app.identity import COOKIE
from app.models import Session
from tests import factories

URL = "/api/user"


def asked(client, **headers: str) -> int:
    return client.get(URL, headers=headers).status_code


def test_nobody_is_nobody(client, cast) -> None:
    assert asked(client) == 401


def test_a_cookie_tells_who_it_is(browser) -> None:
    assert browser("bob").get(URL).json["username"] == "bob"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_tells_who_it_is_whatever_the_case_of_its_scheme(api, client, scheme) -> None:
    token = api("bob").post("/api/user/tokens").json["id"]
    headers = {"Authorization": f"{scheme} {token}"}
    assert client.get(URL, headers=headers).json["username"] == "bob"


def test_a_wrong_token_counts_alone_even_beside_a_good_cookie(browser) -> None:
    assert asked(browser("bob"), Authorization="Bearer nonsense") == 401


def test_another_scheme_than_bearer_is_left_to_the_cookie(browser) -> None:
    assert asked(browser("bob"), Authorization="Basic Ym9iOmJvYg==") == 200


def test_a_cookie_that_was_made_up_is_nobodys(client, cast) -> None:
    client.set_cookie(COOKIE, "made-up")
    assert asked(client) == 401


def test_the_use_of_a_session_is_noted_once_a_minute(browser) -> None:
    client = browser("bob")
    client.get(URL)
    session = db.session.query(Session).one()
    session.last_active = utcnow() - timedelta(minutes=5)
    db.session.commit()
    client.get(URL)
    db.session.expire_all()
    noted = db.session.query(Session).one().last_active
    assert utcnow() - noted < timedelta(minutes=1)
    client.get(URL)
    db.session.expire_all()
    assert db.session.query(Session).one().last_active == noted


def cookies(client, project, address: str) -> list[str]:
    """What is set by signing in, by a message for the next page, and by the page of a project."""
    client.set_cookie(COOKIE, client.get_cookie(COOKIE).value, domain=urlsplit(address).hostname)
    factories.user("erin", password=factories.password_hash())
    sent = {"username": "erin", "password": factories.PASSWORD}
    url = f"/p/{project.id}"
    answers = [
        client.get(url, base_url=address),
        client.post(f"{url}/settings", data={"name": "Renamed"}, base_url=address),
        client.post("/login", data=sent, base_url=address),
    ]
    return [line for answer in answers for line in answer.headers.getlist("Set-Cookie")]


@pytest.mark.parametrize(
    ("address", "settings", "are_secure"),
    [
        ("http://localhost", {}, False),
        ("https://localhost", {}, True),
        ("http://localhost", {"SECURE_COOKIES": True}, True),
        ("http://runs.example.test", {"WEB_HOST": "https://Runs.example.test"}, True),
        ("http://10.0.0.7:3000", {"WEB_HOST": "https://runs.example.test"}, False),
        ("http://runs.example.test", {"WEB_HOST": "http://runs.example.test"}, False),
    ],
)
def test_all_cookies_are_secure_where_the_browser_has_https(
    browser, project, setting, address, settings, are_secure
) -> None:
    setting(**settings)
    found = cookies(browser("alice"), project, address)
    names = {line.partition("=")[0] for line in found}
    assert names == {"heliograph_project", "heliograph_flash", "semaphore"}
    assert {"Secure" in line for line in found} == {are_secure}

"""Who sends a request: a cookie, a bearer token, or nobody."""

from datetime import timedelta

import pytest

from app.clock import utcnow
from app.db import db
from app.identity import COOKIE
from app.models import Session

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

"""POST /api/auth/token, refresh and revoke."""

from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from flask.testing import FlaskClient

from app.clock import utcnow
from app.db import db
from app.extensions import settings
from app.models import Project, Session, User
from app.services import sessions, token_pairs
from tests import factories
from tests.factories import PASSWORD

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def nina(project: Project) -> User:
    return factories.user("nina", password=factories.password_hash())


@pytest.fixture
def pair(client: FlaskClient, nina: User) -> dict[str, str]:
    answer = client.post("/api/auth/token", json={"auth": "Nina", "password": PASSWORD})
    assert answer.status_code == 200
    return answer.json


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {token}"}


def who(client: FlaskClient, token: str, scheme: str = "Bearer") -> str | None:
    answer = client.get("/api/user", headers=bearer(token, scheme))
    assert answer.status_code in (200, 401)
    return answer.json.get("username")


def refreshed(client: FlaskClient, token: str) -> tuple[int, dict]:
    answer = client.post("/api/auth/refresh", json={"refresh_token": token})
    return answer.status_code, answer.json


def forged(token: str, key: bytes | None = None, algorithm: str = "HS256", **changes) -> str:
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    if algorithm == "none":
        return jwt.encode(claims, None, algorithm="none")
    return jwt.encode(claims, token_pairs._key() if key is None else key, algorithm=algorithm)


def test_a_pair_says_how_long_it_lasts_and_sets_no_cookie(client: FlaskClient, nina: User) -> None:
    answer = client.post("/api/auth/token", json={"auth": "nina", "password": PASSWORD})
    assert set(answer.json) == {
        *("token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"),
    }
    assert answer.json["token_type"] == "Bearer"
    assert (answer.json["expires_in"], answer.json["refresh_expires_in"]) == (86400, 2592000)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_access_token_tells_who_asks(client: FlaskClient, pair: dict, scheme: str) -> None:
    assert who(client, pair["token"], scheme) == "nina"


def test_a_refresh_token_is_no_access_token(client: FlaskClient, pair: dict) -> None:
    assert who(client, pair["refresh_token"]) is None
    assert refreshed(client, pair["token"])[0] == 401


@pytest.mark.parametrize("auth", ["nina", "nobody"])
def test_a_wrong_password_and_an_unknown_user_look_alike(
    client: FlaskClient, nina: User, auth: str
) -> None:
    answer = client.post("/api/auth/token", json={"auth": auth, "password": "wrong"})
    assert (answer.status_code, answer.json) == (401, {"error": "INVALID_CREDENTIALS"})


def test_guesses_are_counted_like_those_at_the_form(client: FlaskClient, nina: User) -> None:
    wrong = {"auth": "nina", "password": "wrong"}
    for _ in range(3):
        client.post("/api/auth/token", json=wrong)
        client.post("/api/auth/login", json=wrong)
    answer = client.post("/api/auth/token", json={"auth": "nina", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_refresh_gives_a_pair_and_both_access_tokens_count(
    client: FlaskClient, pair: dict
) -> None:
    status, second = refreshed(client, pair["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != pair["refresh_token"]
    assert who(client, second["token"]) == who(client, pair["token"]) == "nina"


def test_a_second_use_ends_the_whole_sign_in(client: FlaskClient, pair: dict) -> None:
    second = refreshed(client, pair["refresh_token"])[1]
    assert refreshed(client, pair["refresh_token"])[0] == 401
    assert who(client, second["token"]) is None
    assert refreshed(client, second["refresh_token"])[0] == 401


def test_revoking_by_either_token_ends_both(client: FlaskClient, pair: dict) -> None:
    other = client.post("/api/auth/token", json={"auth": "nina", "password": PASSWORD}).json
    by_body = client.post("/api/auth/revoke", json={"refresh_token": pair["refresh_token"]})
    by_header = client.post("/api/auth/revoke", headers=bearer(other["token"]))
    assert by_body.status_code == by_header.status_code == 204
    for gone in (pair, other):
        assert who(client, gone["token"]) is None
        assert refreshed(client, gone["refresh_token"])[0] == 401
    assert client.post("/api/auth/revoke", headers=bearer(other["token"])).status_code == 204


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1_700_000_000},
        {"typ": "refresh"},
        {"sub": "1"},
        {"sid": "0" * 64},
        {"key": b"somebody else's key, and long enough"},
        {"algorithm": "none"},
        {"algorithm": "HS512"},
    ],
    ids=str,
)
def test_what_we_did_not_sign_so_is_nobodys(client: FlaskClient, pair: dict, change: dict) -> None:
    assert who(client, forged(pair["token"])) == "nina"
    assert who(client, forged(pair["token"], **change)) is None


@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_a_key_that_signs_other_things_does_not_sign_tokens(
    client: FlaskClient, pair: dict
) -> None:
    assert who(client, forged(pair["token"], key=settings().SECRET_KEY.encode())) is None


@pytest.mark.parametrize("claim", token_pairs.REQUIRED)
def test_no_claim_may_be_missing(client: FlaskClient, pair: dict, claim: str) -> None:
    claims = jwt.decode(pair["token"], options={"verify_signature": False})
    del claims[claim]
    token = jwt.encode(claims, token_pairs._key(), algorithm="HS256")
    assert who(client, token) is None


def test_a_new_password_ends_it(client: FlaskClient, pair: dict, nina: User) -> None:
    answer = client.post(
        f"/api/users/{nina.id}/password",
        json={"password": "n3w-pass"},
        headers=bearer(pair["token"]),
    )
    assert answer.status_code == 204
    assert who(client, pair["token"]) is None
    assert refreshed(client, pair["refresh_token"])[0] == 401


def test_rights_are_read_from_the_database(client: FlaskClient, pair: dict, nina: User) -> None:
    assert client.get("/api/options", headers=bearer(pair["token"])).status_code == 403
    nina.admin = True
    db.session.commit()
    assert client.get("/api/options", headers=bearer(pair["token"])).status_code == 200


def test_the_page_account_ends_it(client: FlaskClient, browser: Browser, pair: dict) -> None:
    account = browser("nina")
    assert "Program" in account.get("/me/sessions").text
    account.post("/me/sessions/delete")
    assert who(client, pair["token"]) is None


def test_it_is_listed_and_swept_like_other_sessions(pair: dict, nina: User) -> None:
    (mine,) = sessions.list_for(nina)
    mine.last_active = utcnow() - timedelta(days=29)
    sessions.forget_the_expired()
    db.session.commit()
    assert sessions.list_for(nina) == [mine]
    mine.last_active = utcnow() - timedelta(days=31)
    sessions.forget_the_expired()
    db.session.commit()
    assert db.session.query(Session).count() == 0

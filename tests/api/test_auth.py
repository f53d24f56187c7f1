import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Project, Session, User
from app.services import sessions
from tests import factories
from tests.factories import PASSWORD


@pytest.fixture
def nina(project: Project) -> User:
    return factories.user("nina", password=factories.password_hash())


def sign_in(client: FlaskClient, auth: object = "nina", password: object = PASSWORD, **more):
    return client.post("/api/auth/login", json={"auth": auth, "password": password}, **more)


def test_the_form_is_described(client: FlaskClient) -> None:
    assert client.get("/api/auth/login").json == {
        "oidc_providers": [],
        "login_with_password": True,
        "auth_methods": {},
    }


@pytest.mark.parametrize("auth", ["nina", "NINA", "Nina@Example.test"])
def test_it_signs_in_with_a_cookie(client: FlaskClient, nina: User, auth: str) -> None:
    answer = sign_in(client, auth)
    assert (answer.status_code, answer.data) == (204, b"")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("semaphore=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert client.get("/api/user").json["username"] == "nina"


@pytest.mark.parametrize(("auth", "password"), [("nina", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_user_look_alike(
    client: FlaskClient, nina: User, auth: str, password: str
) -> None:
    answer = sign_in(client, auth, password)
    assert (answer.status_code, answer.data) == (401, b"")
    assert answer.content_type == "application/json"
    assert "Set-Cookie" not in answer.headers


def test_users_from_elsewhere_and_without_password_cannot(client: FlaskClient, nina: User) -> None:
    factories.user("ext", external=True, password=factories.password_hash())
    for name in ("ext", "alice"):
        assert sign_in(client, name).status_code == 401


@pytest.mark.parametrize(("auth", "password"), [("nina", ""), (5, PASSWORD), ("nina", None)])
def test_an_incomplete_request_is_refused(
    client: FlaskClient, nina: User, auth: object, password: object
) -> None:
    answer = sign_in(client, auth, password)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


def test_guessing_is_slowed_down(client: FlaskClient, nina: User) -> None:
    statuses = [sign_in(client, password="wrong").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    answer = sign_in(client)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


def test_other_sites_cannot_sign_anybody_in(client: FlaskClient, nina: User) -> None:
    answer = sign_in(client, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json) == (403, {"error": "CROSS_ORIGIN_REQUEST_BLOCKED"})


def test_signing_out_ends_the_session(client: FlaskClient, nina: User) -> None:
    sign_in(client)
    cookie = client.get_cookie("semaphore").value
    answer = client.post("/api/auth/logout")
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get_cookie("semaphore") is None
    client.set_cookie("semaphore", cookie)
    assert client.get("/api/user").status_code == 401
    assert db.session.query(Session).count() == 0


def test_signing_out_works_without_a_session(client: FlaskClient) -> None:
    assert client.post("/api/auth/logout").status_code == 204


def test_a_cookie_request_from_another_site_changes_nothing(
    client: FlaskClient, nina: User
) -> None:
    sign_in(client)
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/api/user/tokens", headers=foreign).status_code == 403
    assert client.post("/api/user/tokens", headers={"Referer": "x://y/z"}).status_code == 403
    assert client.post("/api/user/tokens").status_code == 201
    assert client.get("/api/user", headers=foreign).status_code == 200


def test_an_old_cookie_signs_nobody_in(client: FlaskClient, nina: User) -> None:
    sign_in(client)
    row = sessions.list_for(nina)[0]
    row.last_active -= sessions.IDLE * 2
    db.session.commit()
    assert client.get("/api/user").status_code == 401

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import User
from tests import factories
from tests.factories import PASSWORD
from tests.services.output import locked_database

Api = Callable[[str], FlaskClient]
NINA = {"name": "Nina", "username": "Nina", "email": "Nina@example.test", "password": ""}


def test_administrators_see_everything_others_only_names(api: Api) -> None:
    assert set(api("alice").get("/api/users").json[0]) == {"id", "username", "name"}
    whole = {"id", "username", "name", "created", "email", "admin", "external", "alert"}
    assert set(api("root").get("/api/users").json[0]) == whole


def test_a_user_is_created_and_may_sign_in(api: Api, client: FlaskClient) -> None:
    made = api("root").post("/api/users", json=NINA | {"password": "a secret", "alert": True})
    assert made.status_code == 201
    assert (made.json["username"], made.json["alert"]) == ("nina", True)
    assert "password" not in made.json
    signed_in = client.post("/api/auth/login", json={"auth": "Nina", "password": "a secret"})
    assert signed_in.status_code == 204


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"username": ""}, "Username cannot be empty"),
        ({"email": ""}, "Email cannot be empty"),
        ({"name": None}, "Name cannot be empty"),
        ({"username": "ALICE"}, "username: Already taken"),
        ({"email": "alice@example.test"}, "email: Already taken"),
        ({"admin": "yes"}, "admin: Input should be a valid boolean"),
        ({"password": "x" * 2000}, "password: Passwords have at most 1024 bytes"),
    ],
)
def test_a_bad_user_is_refused(api: Api, change: dict, error: str) -> None:
    answer = api("root").post("/api/users", json=NINA | change)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert len(api("root").get("/api/users").json) == 6


def test_a_change_replaces_the_user(api: Api, cast: dict[str, User]) -> None:
    url = f"/api/users/{cast['bob'].id}/"
    body = {"name": "Bob B.", "username": "bob", "email": "b@example.test", "alert": True}
    assert api("bob").put(url, json=body).status_code == 204
    shown = api("bob").get(url).json
    assert (shown["name"], shown["email"], shown["alert"]) == ("Bob B.", "b@example.test", True)
    without_alert = {k: v for k, v in body.items() if k != "alert"}
    assert api("root").put(url, json=without_alert).status_code == 204
    assert api("bob").get(url).json["alert"] is False


def test_nobody_makes_himself_an_administrator(api: Api, cast: dict[str, User]) -> None:
    body = {"name": "Bob", "username": "bob", "email": "bob@example.test", "admin": True}
    answer = api("bob").put(f"/api/users/{cast['bob'].id}", json=body)
    assert answer.status_code == 403
    assert api("bob").get("/api/user").json["admin"] is False


def test_whoever_may_not_learns_nothing_of_his_body(api: Api, cast: dict[str, User]) -> None:
    answer = api("alice").put(f"/api/users/{cast['bob'].id}", data="{")
    assert answer.status_code == 403


def test_a_password_is_changed_and_the_other_sessions_end(
    api: Api, browser: Callable[[str], FlaskClient], client: FlaskClient, cast: dict[str, User]
) -> None:
    mine, other = browser("bob"), browser("bob")
    url = f"/api/users/{cast['bob'].id}/password"
    assert mine.post(url, json={"password": "a new one"}).status_code == 204
    assert mine.get("/api/user").status_code == 200
    assert other.get("/api/user").status_code == 401
    body = {"auth": "bob", "password": "a new one"}
    assert client.post("/api/auth/login", json=body).status_code == 204
    assert api("root").post(url, json={"password": PASSWORD}).status_code == 204
    assert mine.get("/api/user").status_code == 401


def test_an_unusable_password_is_refused(api: Api, cast: dict[str, User]) -> None:
    ext = factories.user("ext", external=True)
    for user_id, body in (
        (cast["bob"].id, {"password": ""}),
        (cast["bob"].id, {"password": 5}),
        (ext.id, {"password": "x"}),
    ):
        answer = api("root").post(f"/api/users/{user_id}/password", json=body)
        assert answer.status_code == 400 and answer.json["error"].startswith("password: ")


def test_passwords_are_hashed_before_the_lock_to_write_is_taken(
    api: Api, cast: dict[str, User]
) -> None:
    """Whoever cannot hash cannot have waited for the lock, which somebody else holds here."""
    root, body = api("root"), NINA | {"password": "x" * 2000}
    with db.engine.connect(), db.engine.connect():
        pass  # from here on the pool has one for us and one for the request
    with locked_database():
        for method, url in (("POST", "/api/users"), ("PUT", f"/api/users/{cast['bob'].id}")):
            answer = root.open(url, method=method, json=body)
            assert answer.json == {"error": "password: Passwords have at most 1024 bytes"}


def test_a_deleted_user_is_gone_at_once(
    api: Api, browser: Callable[[str], FlaskClient], cast: dict[str, User]
) -> None:
    url, open_page = f"/api/users/{cast['bob'].id}", browser("bob")
    assert api("root").delete(url).status_code == 204
    assert api("root").delete(url).status_code == 404
    assert open_page.get("/api/user").status_code == 401

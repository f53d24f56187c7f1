from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project

Api = Callable[[str], FlaskClient]


@pytest.mark.parametrize(("name", "may"), [("alice", False), ("root", True)])
def test_one_learns_who_one_is(api: Api, name: str, may: bool) -> None:
    shown = api(name).get("/api/user/").json
    created = shown.pop("created")
    assert created.endswith("Z")
    assert shown == {
        "id": shown["id"],
        "username": name,
        "name": name.capitalize(),
        "email": f"{name}@example.test",
        "admin": may,
        "external": False,
        "alert": False,
        "can_create_project": may,
    }


def test_a_token_is_shown_once_and_works(api: Api, client: FlaskClient) -> None:
    made = api("alice").post("/api/user/tokens", json={"name": "ci"})
    assert made.status_code == 201
    token = made.json["id"]
    assert (len(token), token, token[-1]) == (44, token.lower(), "=")
    assert (made.json["expired"], made.json["name"]) == (False, "ci")
    listed = api("alice").get("/api/user/tokens").json
    assert token[:8] in [row["id"] for row in listed]
    assert token not in str(listed)
    for value in (f"Bearer {token}", f"bearer {token.upper()}", f"BEARER {token}"):
        answer = client.get("/api/user", headers={"Authorization": value})
        assert answer.json["username"] == "alice"


@pytest.mark.parametrize("value", ["{}", "Bearer nosuch", "Basic YTpi", "Bearer"])
def test_what_is_no_token_signs_nobody_in(
    client: FlaskClient, project: Project, value: str
) -> None:
    assert client.get("/api/user", headers={"Authorization": value}).status_code == 401


def test_a_wrong_token_counts_more_than_a_right_cookie(
    browser: Callable[[str], FlaskClient],
) -> None:
    wrong = {"Authorization": "Bearer nosuch"}
    assert browser("alice").get("/api/user", headers=wrong).status_code == 401


@pytest.mark.parametrize("body", [None, {}, {"name": None}])
def test_a_token_needs_no_body(api: Api, body: object) -> None:
    assert api("alice").post("/api/user/tokens", json=body).status_code == 201


def test_a_token_may_expire_but_not_in_the_past(api: Api) -> None:
    alice = api("alice")
    made = alice.post("/api/user/tokens", json={"expires_at": "2999-01-01T00:00:00Z"})
    assert made.json["expires_at"] == "2999-01-01T00:00:00Z"
    refused = alice.post("/api/user/tokens", json={"expires_at": "2001-01-01T00:00:00Z"})
    assert refused.status_code == 400
    assert refused.json == {"error": "expires_at: Must be in the future"}


def test_a_token_is_deleted_whole_or_by_its_beginning(api: Api, client: FlaskClient) -> None:
    alice = api("alice")
    for length in (44, 8):
        token = alice.post("/api/user/tokens").json["id"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/user", headers=bearer).status_code == 200
        assert alice.delete(f"/api/user/tokens/{token[:length]}").status_code == 204
        assert client.get("/api/user", headers=bearer).status_code == 401
        assert alice.delete(f"/api/user/tokens/{token[:length]}").status_code == 404


def test_somebody_elses_token_is_unknown(api: Api) -> None:
    token = api("alice").post("/api/user/tokens").json["id"]
    assert api("bob").delete(f"/api/user/tokens/{token}").status_code == 404

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project, User

Api = Callable[[str], FlaskClient]


@pytest.fixture
def members(project: Project) -> str:
    return f"/api/project/{project.id}/users"


def test_members_are_listed_with_their_roles(api: Api, cast: dict[str, User], members: str) -> None:
    first = api("dave").get(f"{members}?sort=username&order=asc").json[0]
    wanted = {"id": cast["alice"].id, "username": "alice", "name": "Alice", "role": "owner"}
    assert first == wanted


def test_a_member_is_added_changed_and_removed(
    api: Api, cast: dict[str, User], project: Project, members: str
) -> None:
    alice, user_id = api("alice"), cast["mallory"].id
    added = alice.post(members, json={"user_id": user_id, "role": "guest"})
    assert (added.status_code, added.data) == (204, b"")
    mallory = api("mallory")
    assert mallory.get(f"/api/project/{project.id}").status_code == 200
    assert alice.put(f"{members}/{user_id}", json={"role": "manager"}).status_code == 204
    assert mallory.get(f"/api/project/{project.id}/role").json["role"] == "manager"
    assert alice.delete(f"{members}/{user_id}").status_code == 204
    assert mallory.get(f"/api/project/{project.id}").status_code == 404
    assert alice.delete(f"{members}/{user_id}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"user_id": 999_999_999, "role": "owner"}, 400, "user_id"),
        ({"role": "owner"}, 400, "user_id"),
        ({"user_id": 10**30, "role": "owner"}, 400, "user_id"),
        ({"user_id": "2", "role": "owner"}, 400, "user_id"),
        ({"user_id": 5}, 400, "role"),
        ({"user_id": 5, "role": "king"}, 400, "role"),
    ],
)
def test_a_bad_member_is_refused(
    api: Api, members: str, body: dict, status: int, word: str
) -> None:
    answer = api("alice").post(members, json=body)
    assert answer.status_code == status and word in answer.json["error"]


def test_who_is_a_member_already_is_not_added(api: Api, members: str, cast) -> None:
    answer = api("alice").post(members, json={"user_id": cast["bob"].id, "role": "owner"})
    assert answer.status_code == 409 and "already" in answer.json["error"]


def test_an_owner_cannot_demote_remove_or_lose_himself(
    api: Api, cast: dict[str, User], project: Project, members: str
) -> None:
    alice, own = api("alice"), f"{members}/{cast['alice'].id}"
    assert alice.put(own, json={"role": "guest"}).status_code == 400
    assert alice.delete(own).status_code == 400
    assert alice.delete(f"/api/project/{project.id}/me").status_code == 400
    assert api("dave").delete(f"/api/project/{project.id}/me").status_code == 204


def test_addresses_are_for_those_who_manage_members(
    api: Api, cast: dict[str, User], members: str
) -> None:
    url = f"{members}/{cast['carol'].id}"
    assert set(api("dave").get(url).json) == {"id", "username", "name"}
    for name in ("alice", "carol", "root"):
        assert api(name).get(url).json["email"] == "carol@example.test"
    assert api("alice").get(f"{members}/{cast['mallory'].id}").status_code == 404

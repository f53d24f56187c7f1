from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def keys(project: Project) -> str:
    return f"/api/project/{project.id}/keys"


@pytest.fixture
def login(project: Project) -> dict[str, Any]:
    return {
        "name": "db",
        "type": "login_password",
        "project_id": project.id,
        "login_password": {"login": "dba", "password": "s3cret"},
    }


def test_a_key_is_created_and_its_secret_never_shown(api: Api, keys: str, login: dict) -> None:
    made = api("bob").post(keys, json=login)
    assert made.status_code == 201
    shown = {"id": made.json["id"], "name": "db", "type": "login_password"}
    assert made.json == shown | {"project_id": login["project_id"]}
    assert api("dave").get(keys).json == [made.json]
    assert api("dave").get(f"{keys}/{made.json['id']}").json == made.json


def test_a_key_without_a_secret_says_so(api: Api, keys: str, project: Project) -> None:
    made = api("bob").post(keys, json={"name": "n", "type": "none", "project_id": project.id})
    assert made.json["empty"] is True


@pytest.mark.parametrize("name", ["type", "Key type"])
def test_the_list_is_filtered_by_type(api: Api, keys: str, project: Project, name: str) -> None:
    for kind in ("ssh", "none", "ssh"):
        factories.access_key(project, kind, type=kind)
    for kind, count in (("ssh", 2), ("none", 1), ("login_password", 0), ("", 3)):
        found = api("dave").get(keys, query_string={name: kind}).json
        assert len(found) == count and {key["type"] for key in found if kind} <= {kind}
    refused = api("dave").get(keys, query_string={name: "rsa"})
    assert refused.status_code == 400 and refused.json["error"].startswith("type: Must be one of")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": ""}, "name can not be empty"),
        ({"type": "ssh"}, "private key can not be empty"),
        ({"login_password": {"login": "x"}}, "password can not be empty"),
        ({"login_password": None}, "password can not be empty"),
        ({"project_id": 999}, "Project ID in body and URL must be the same"),
        ({"project_id": None}, "Project ID in body and URL must be the same"),
        ({"project_id": "1"}, "project_id: Input should be a valid integer"),
    ],
)
def test_a_bad_key_is_refused(api: Api, keys: str, login: dict, change: dict, error: str) -> None:
    answer = api("bob").post(keys, json=login | change)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert api("bob").get(keys).json == []


def test_a_change_must_repeat_the_ids(api: Api, keys: str, login: dict) -> None:
    bob = api("bob")
    first, second = (bob.post(keys, json=login).json["id"] for _ in range(2))
    good = {"id": first, "project_id": login["project_id"], "name": "new"}
    for change in ({"id": second}, {"id": None}, {"project_id": 999}, {"project_id": None}):
        answer = bob.put(f"{keys}/{first}", json=good | change)
        assert answer.status_code == 400 and "must be the same" in answer.json["error"]
    assert [key["name"] for key in bob.get(keys).json] == ["db", "db"]
    assert bob.put(f"{keys}/{first}", json=good).status_code == 204
    assert bob.get(f"{keys}/{first}").json["name"] == "new"


def test_what_get_answers_can_be_sent_back(api: Api, keys: str, login: dict) -> None:
    bob = api("bob")
    made = bob.post(keys, json=login).json
    url = f"{keys}/{made['id']}"
    assert bob.put(url, json=bob.get(url).json).status_code == 204
    assert bob.get(url).json == made


def test_a_key_in_use_is_not_deleted_and_says_who_uses_it(
    api: Api, keys: str, project: Project
) -> None:
    repository = factories.repository(project)
    url = f"{keys}/{repository.ssh_key_id}"
    answer = api("bob").delete(url)
    assert (answer.status_code, answer.json) == (
        400,
        {"error": "Access Key is in use by one or more templates", "inUse": True},
    )
    assert api("dave").get(f"{url}/refs").json == {
        "templates": [],
        "inventories": [],
        "repositories": [{"id": repository.id, "name": "Scripts"}],
        "integrations": [],
        "schedules": [],
        "access_keys": [],
    }


def test_a_deleted_key_is_gone(api: Api, keys: str, login: dict) -> None:
    url = f"{keys}/{api('bob').post(keys, json=login).json['id']}"
    assert api("bob").delete(url).status_code == 204
    for method in ("GET", "DELETE"):
        assert api("bob").open(url, method=method).status_code == 404


@pytest.mark.parametrize("text", ["not a key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA"])
def test_a_text_that_is_no_private_key_is_refused(
    api: Api, keys: str, project: Project, text: str
) -> None:
    body = {"name": "k", "type": "ssh", "project_id": project.id, "ssh": {"private_key": text}}
    answer = api("bob").post(keys, json=body)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("ssh.private_key: This is no private key")
    assert api("bob").get(keys).json == []

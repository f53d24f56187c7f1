from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def groups(project: Project) -> str:
    return f"/api/project/{project.id}/environment"


@pytest.fixture
def full(project: Project) -> dict[str, Any]:
    return {
        "name": "full",
        "project_id": project.id,
        "password": "old-style",
        "json": '{"region":"eu","n":5}',
        "env": '{"GREETING":"ahoj"}',
        "secrets": [
            {"id": -100000000, "name": "A", "secret": "a-1", "type": "env", "operation": "create"},
            {"name": "B", "secret": "b-1", "type": "var", "operation": "create"},
        ],
    }


def test_a_group_is_created_with_its_secrets(api: Api, groups: str, full: dict) -> None:
    made = api("bob").post(groups, json=full)
    assert made.status_code == 201
    names = [(s["type"], s["name"], s["secret"]) for s in made.json["secrets"]]
    assert names == [("env", "A", ""), ("var", "B", "")]
    for name in ("name", "project_id", "password", "json", "env"):
        assert made.json[name] == full[name]
    assert api("bob").get(f"{groups}/{made.json['id']}").json == made.json
    assert api("bob").get(groups).json == [without_secrets(made.json)]


def without_secrets(group: dict) -> dict:
    """A list does not tell whether there are some, and so does not say that there are none."""
    return {name: value for name, value in group.items() if name != "secrets"}


@pytest.mark.parametrize("name", ["dave", "carol"])
def test_whoever_may_not_change_a_group_does_not_see_its_password(
    api: Api, groups: str, full: dict, name: str
) -> None:
    made = api("bob").post(groups, json=full).json
    assert made.pop("password") == "old-style"
    assert api(name).get(f"{groups}/{made['id']}").json == made
    assert api(name).get(groups).json == [without_secrets(made)]


def test_values_of_secrets_are_in_no_answer(api: Api, groups: str, full: dict) -> None:
    made = api("bob").post(groups, json=full)
    answers = made.text + api("bob").get(groups).text
    answers += api("bob").get(f"{groups}/{made.json['id']}").text
    answers += api("bob").get(f"/api/project/{full['project_id']}/keys").text
    assert "a-1" not in answers and "b-1" not in answers


def test_secrets_are_no_keys(api: Api, groups: str, full: dict) -> None:
    secret = api("bob").post(groups, json=full).json["secrets"][0]
    keys = f"/api/project/{full['project_id']}/keys"
    assert api("bob").get(keys).json == []
    for method in ("GET", "DELETE"):
        assert api("bob").open(f"{keys}/{secret['id']}", method=method).status_code == 404


def test_secrets_are_renamed_renewed_and_deleted(api: Api, groups: str, full: dict) -> None:
    bob = api("bob")
    made = bob.post(groups, json=full).json
    a, b = made["secrets"]
    url = f"{groups}/{made['id']}"
    change = made | {
        "secrets": [
            {"id": a["id"], "name": "AA", "operation": "update"},
            {"id": b["id"], "type": "var", "operation": "delete"},
        ]
    }
    assert bob.put(url, json=change).status_code == 204
    assert [secret["name"] for secret in bob.get(url).json["secrets"]] == ["AA"]
    assert bob.put(url, json=bob.get(url).json).status_code == 204
    assert [secret["name"] for secret in bob.get(url).json["secrets"]] == ["AA"]


def test_a_group_needs_only_a_name(api: Api, groups: str, project: Project) -> None:
    made = api("bob").post(groups, json={"name": "e", "project_id": project.id})
    assert made.json == {
        "id": made.json["id"],
        "name": "e",
        "project_id": project.id,
        "json": "{}",
        "secrets": [],
    }


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": ""}, "Environment name can not be empty"),
        ({"json": "{"}, "Extra variables must be valid JSON"),
        ({"env": "{"}, "Environment variables must be valid JSON"),
        ({"json": {}}, "json: Input should be a valid string"),
        ({"project_id": 999}, "Project ID in body and URL must be the same"),
        (
            {"secrets": [{"operation": "delete", "id": 1}]},
            "secrets.0.id: This group has no secret 1",
        ),
    ],
)
def test_a_bad_group_is_refused(
    api: Api, groups: str, full: dict, change: dict, error: str
) -> None:
    answer = api("bob").post(groups, json=full | change)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert api("bob").get(groups).json == []


def test_a_change_replaces_the_group(api: Api, groups: str, full: dict) -> None:
    bob = api("bob")
    made = bob.post(groups, json=full).json
    url, bare = f"{groups}/{made['id']}", {"id": made["id"], "project_id": made["project_id"]}
    assert bob.put(url, json=bare | {"name": "bare"}).status_code == 204
    shown = bob.get(url).json
    assert (shown["name"], shown["json"]) == ("bare", "{}")
    assert not {"env", "password"} & set(shown)
    assert len(shown["secrets"]) == 2


def test_a_group_in_use_is_not_deleted(api: Api, groups: str, project: Project) -> None:
    group, template = factories.environment(project), factories.template(project)
    template.environments.append(group)
    factories.save()
    answer = api("bob").delete(f"{groups}/{group.id}")
    assert (answer.status_code, answer.json) == (
        400,
        {"error": "Environment is in use by one or more templates", "inUse": True},
    )
    refs = api("bob").get(f"{groups}/{group.id}/refs").json
    assert refs["templates"] == [{"id": template.id, "name": "Hello"}]

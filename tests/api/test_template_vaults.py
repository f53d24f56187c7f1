"""The vault passwords of a template, as clients send and read them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/project/{project.id}/templates"


@pytest.fixture
def key_id(project: Project) -> int:
    return factories.access_key(project, "Vault", type="login_password", secret="x").id


@pytest.fixture
def body(project: Project) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "name": "Site",
        "app": "ansible",
        "playbook": "site.yml",
        "repository_id": factories.repository(project).id,
        "inventory_id": factories.inventory(project).id,
    }


def test_each_vault_is_answered_with_id_and_type(
    api: Api, url: str, body: dict, key_id: int
) -> None:
    sent = [
        {"name": "prod", "vault_key_id": key_id},
        {"name": None, "vault_key_id": key_id, "type": "password"},
        {"name": "cloud", "type": "script", "script": "vaults/client.py"},
    ]
    made = api("bob").post(url, json=body | {"vaults": sent})
    assert made.status_code == 201, made.text
    first, second, third = made.json["vaults"]
    assert first == {"id": first["id"], "type": "password"} | sent[0]
    assert second == {"id": second["id"], "type": "password", "vault_key_id": key_id}
    assert third == {"id": third["id"]} | sent[2]
    own = f"{url}/{made.json['id']}"
    assert api("dave").get(own).json["vaults"] == made.json["vaults"]
    assert api("dave").get(url).json[0]["vaults"] == made.json["vaults"]


def test_what_get_answers_can_be_sent_back_and_keeps_its_ids(
    api: Api, url: str, body: dict, key_id: int
) -> None:
    bob, sent = api("bob"), [{"name": "prod", "vault_key_id": key_id}, {"vault_key_id": key_id}]
    made = bob.post(url, json=body | {"vaults": sent}).json
    own = f"{url}/{made['id']}"
    assert bob.put(own, json=bob.get(own).json).status_code == 204
    assert bob.get(own).json == bob.get(own).json | {"vaults": made["vaults"]}


def test_a_list_replaces_the_one_before_and_a_missing_one_empties_it(
    api: Api, url: str, body: dict, key_id: int
) -> None:
    bob, sent = api("bob"), [{"name": "prod", "vault_key_id": key_id}, {"vault_key_id": key_id}]
    made = bob.post(url, json=body | {"vaults": sent}).json
    own, named = f"{url}/{made['id']}", body | {"id": made["id"]}
    only = {"name": "prod", "type": "script", "script": "vault.sh"}
    assert bob.put(own, json=named | {"vaults": [only]}).status_code == 204
    assert bob.get(own).json["vaults"] == [only | {"id": made["vaults"][0]["id"]}]
    assert bob.put(own, json=named).status_code == 204
    assert bob.get(own).json["vaults"] == []


@pytest.mark.parametrize(
    ("vaults", "error"),
    [
        ([{"name": "a", "vault_key_id": 999}], "vaults.0.vault_key_id: There is no key 999"),
        ([{"name": "a"}], "vaults.0.vault_key_id: Choose the key that holds the password"),
        ([{"name": "a", "vault_key_id": 0}], "vaults.0.vault_key_id: Choose the key"),
        ([{"type": "script"}], "vaults.0.script: Name the script"),
        ([{"type": "script", "script": "../x"}], "vaults.0.script: Must be a path inside"),
        ([{"type": "script", "script": "-x"}], "vaults.0.script: Must be a path inside"),
        ([{"type": "script", "script": "x", "vault_key_id": 1}], "vaults.0.vault_key_id: A script"),
        ([{"type": "prompt"}], "vaults.0.type: Input should be"),
        ([{"name": "a@b", "vault_key_id": 1}], "vaults.0.name: Must consist of letters"),
        ([{"name": "-a", "vault_key_id": 1}], "vaults.0.name: Must consist of letters"),
        ([{"name": "a b", "vault_key_id": 1}], "vaults.0.name: Must consist of letters"),
        ([{"vault_key_id": 1}, {"vault_key_id": 1}], "vaults: The name default is there twice"),
        (
            [{"vault_key_id": 1}, {"name": "default", "vault_key_id": 1}],
            "vaults: The name default is there twice",
        ),
    ],
)
def test_a_bad_vault_is_refused_and_nothing_is_stored(
    api: Api, url: str, body: dict, key_id: int, vaults: list, error: str
) -> None:
    answer = api("bob").post(url, json=body | {"vaults": vaults})
    assert answer.status_code == 400
    assert answer.json["error"].startswith(error)
    assert api("bob").get(url).json == []


def test_a_foreign_key_is_refused(api: Api, url: str, body: dict) -> None:
    foreign = factories.access_key(factories.project("Other"), "Theirs", type="login_password")
    answer = api("bob").post(url, json=body | {"vaults": [{"vault_key_id": foreign.id}]})
    assert answer.status_code == 400
    assert answer.json["error"].startswith("vaults.0.vault_key_id: There is no key")


def test_other_kinds_of_templates_have_none(api: Api, url: str, body: dict, key_id: int) -> None:
    sent = body | {"app": "bash", "vaults": [{"vault_key_id": key_id}]}
    answer = api("bob").post(url, json=sent)
    assert answer.json == {"error": "vaults: Only Ansible templates have vault passwords"}


def test_a_deleted_key_takes_its_vaults_along(
    api: Api, url: str, body: dict, key_id: int, project: Project
) -> None:
    made = api("bob").post(url, json=body | {"vaults": [{"vault_key_id": key_id}]}).json
    assert api("bob").delete(f"/api/project/{project.id}/keys/{key_id}").status_code == 204
    assert api("bob").get(f"{url}/{made['id']}").json["vaults"] == []

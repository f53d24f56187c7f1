from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def inventories(project: Project) -> str:
    return f"/api/project/{project.id}/inventory"


def test_an_inventory_is_created_changed_and_deleted(
    api: Api, inventories: str, project: Project
) -> None:
    bob, key = api("bob"), factories.access_key(project)
    body = {"name": "I", "project_id": project.id, "type": "static", "inventory": "[web]\nw1"}
    made = bob.post(inventories, json=body | {"ssh_key_id": key.id, "become_key_id": key.id})
    assert made.status_code == 201
    assert made.json["ssh_key_id"] == made.json["become_key_id"] == key.id
    url = f"{inventories}/{made.json['id']}"
    change = body | {"id": made.json["id"], "type": "file", "inventory": "hosts/all.ini"}
    assert bob.put(url, json=change).status_code == 204
    assert bob.get(url).json == change
    assert bob.delete(url).status_code == 204
    assert bob.get(url).status_code == 404


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"type": "none"}, "Not supported inventory type"),
        ({"type": None}, "Not supported inventory type"),
        (
            {"type": "file", "inventory": "../x"},
            "Invalid inventory file pathname. Must be: path/to/inventory.",
        ),
        ({"ssh_key_id": 999}, "ssh_key_id: There is no key 999 in this project"),
        ({"become_key_id": 999}, "become_key_id: There is no key 999 in this project"),
        ({"repository_id": 999}, "repository_id: There is no repository 999 in this project"),
        ({"template_id": 999}, "template_id: There is no template 999 in this project"),
        ({"inventory": 5}, "inventory: Input should be a valid string"),
        ({"project_id": 999}, "Project ID in body and URL must be the same"),
    ],
)
def test_a_bad_inventory_is_refused(
    api: Api, inventories: str, project: Project, change: dict, error: str
) -> None:
    body = {"name": "I", "project_id": project.id, "type": "static", "inventory": ""}
    answer = api("bob").post(inventories, json=body | change)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert api("bob").get(inventories).json == []


def test_a_change_must_repeat_the_ids(api: Api, inventories: str, project: Project) -> None:
    inventory = factories.inventory(project)
    body = {"name": "I", "project_id": project.id, "type": "static", "inventory": ""}
    answer = api("bob").put(f"{inventories}/{inventory.id}", json=body)
    assert answer.json == {"error": "Inventory ID in body and URL must be the same"}


def test_an_inventory_in_use_is_not_deleted(api: Api, inventories: str, project: Project) -> None:
    inventory = factories.inventory(project)
    template = factories.template(project, inventory_id=inventory.id)
    answer = api("bob").delete(f"{inventories}/{inventory.id}")
    assert answer.status_code == 400 and answer.json["inUse"] is True
    refs = api("bob").get(f"{inventories}/{inventory.id}/refs").json
    assert refs["templates"] == [{"id": template.id, "name": "Hello"}]


def test_workspaces_of_a_template_are_asked_for(
    api: Api, inventories: str, project: Project
) -> None:
    template = factories.template(project)
    factories.inventory(project)
    held = factories.inventory(project, type="tofu-workspace", template_id=template.id)
    found = api("bob").get(f"{inventories}?template_id={template.id}").json
    assert [inventory["id"] for inventory in found] == [held.id]
    assert len(api("bob").get(f"{inventories}?template_id=x").json) == 2

"""Versions, lock and addresses of a state, as the project's API has them."""

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Event, Inventory, Project, TerraformAlias, TerraformLock, TerraformState
from tests import factories

SECRET = "the-secret-of-the-state"


@pytest.fixture
def workspace(project: Project) -> Inventory:
    return factories.workspace(project)


@pytest.fixture
def url(project: Project, workspace: Inventory) -> str:
    return f"/api/project/{project.id}/inventory/{workspace.id}/terraform"


@pytest.fixture
def bob(api) -> FlaskClient:
    return api("bob")


def event() -> str:
    db.session.expire_all()
    return db.session.scalars(select(Event).order_by(Event.id.desc())).first().description


def test_versions_are_listed_without_what_is_in_them(url: str, api, workspace) -> None:
    older, newer = factories.state(workspace, one=SECRET), factories.state(workspace, 2)
    answer = api("dave").get(f"{url}/states")
    assert [row["id"] for row in answer.json] == [newer.id, older.id]
    assert answer.json[1]["resources"] == 1 and "state" not in answer.json[0]
    assert SECRET not in answer.text


def test_who_manages_resources_reads_one(url: str, bob: FlaskClient, api, workspace) -> None:
    row = factories.state(workspace, one=SECRET)
    for path in ("latest", str(row.id)):
        shown = bob.get(f"{url}/states/{path}").json
        assert (shown["id"], shown["serial"]) == (row.id, 1) and SECRET in shown["state"]
        refused = api("carol").get(f"{url}/states/{path}")
        assert refused.status_code == 403 and SECRET not in refused.text


@pytest.mark.parametrize("path", ["latest", "{id}"])
def test_the_activity_tells_who_has_read_a_state(url, bob, api, workspace, path, cast) -> None:
    row = factories.state(workspace, one=SECRET)
    at = f"{url}/states/{path.format(id=row.id)}"
    api("carol").get(at)
    bob.get(at)
    [told] = db.session.scalars(select(Event).filter_by(object_id=workspace.id)).all()
    assert told.user_id == cast["bob"].id
    said = f"Inventory default gave out its state: version {row.id} (serial 1)"
    assert told.description == said


def test_without_a_state_there_is_no_latest(url: str, bob: FlaskClient) -> None:
    assert bob.get(f"{url}/states/latest").status_code == 404


def test_hosts_have_no_state(bob: FlaskClient, project: Project) -> None:
    hosts = factories.inventory(project)
    url = f"/api/project/{project.id}/inventory/{hosts.id}/terraform"
    assert bob.get(f"{url}/states").status_code == 404
    assert bob.post(f"{url}/aliases", json={"auth_key_id": 1}).status_code == 404


def test_an_older_version_becomes_the_newest(url: str, bob: FlaskClient, workspace) -> None:
    older = factories.state(workspace, one="x")
    factories.state(workspace, 2)
    made = bob.post(f"{url}/states/{older.id}/current")
    assert made.status_code == 201
    assert (made.json["serial"], made.json["restored_id"]) == (3, older.id)
    assert (
        event()
        == f"Inventory default has state version {older.id} again, as version {made.json['id']}"
    )
    state = json.loads(bob.get(f"{url}/states/latest").json["state"])
    assert state["serial"] == 3 and state["resources"][0]["name"] == "one"


def test_the_current_version_is_not_made_current(url: str, bob: FlaskClient, workspace) -> None:
    row = factories.state(workspace)
    refused = bob.post(f"{url}/states/{row.id}/current")
    assert refused.status_code == 400 and "state_id" in refused.json["error"]


def test_nothing_becomes_current_while_somebody_works(
    url: str, bob: FlaskClient, workspace
) -> None:
    older = factories.state(workspace)
    newer = factories.state(workspace, 2)
    factories.state_lock(workspace)
    assert bob.post(f"{url}/states/{older.id}/current").status_code == 409
    assert bob.delete(f"{url}/states/{newer.id}").status_code == 409
    assert bob.delete(f"{url}/states/{older.id}").status_code == 204


def test_the_current_version_stays_when_the_state_is_deleted(url, bob, workspace) -> None:
    row = factories.state(workspace)
    assert bob.delete(f"{url}/states/{row.id}").status_code == 204
    assert bob.get(f"{url}/states/latest").status_code == 404
    assert [one["is_gone"] for one in bob.get(f"{url}/states").json] == [True, False]
    assert bob.post(f"{url}/states/{row.id}/current").json["serial"] == 1


def test_what_differs_is_told_without_secrets(url: str, bob: FlaskClient, workspace) -> None:
    older, newer = (
        factories.state(workspace, one="x"),
        factories.state(workspace, 2, one="y", two="z"),
    )
    found = bob.get(f"{url}/states/{newer.id}/changes?since={older.id}").json
    assert [(one["address"], one["action"]) for one in found] == [
        ("terraform_data.one", "update"),
        ("terraform_data.two", "create"),
    ]
    assert found[0]["attributes"] == [{"path": "input", "before": "x", "after": "y"}]
    assert bob.get(f"{url}/states/{newer.id}/changes").status_code == 400


def test_the_lock_says_who_and_is_taken_away_with_a_reason(url: str, bob, api, workspace) -> None:
    assert bob.get(f"{url}/lock").status_code == 404
    factories.state_lock(workspace)
    shown = api("dave").get(f"{url}/lock").json
    assert (shown["id"], shown["who"], shown["operation"]) == (
        "lock-1", "ada@laptop", "OperationTypeApply",
    )  # fmt: skip
    refused = bob.post(f"{url}/unlock", json={"reason": " "})
    assert refused.status_code == 400 and refused.json["error"].startswith("reason: ")
    assert bob.post(f"{url}/unlock", json={"reason": "her laptop fell"}).status_code == 204
    assert event().endswith("was unlocked by force (lock lock-1 of ada@laptop): her laptop fell")
    assert bob.post(f"{url}/unlock", json={"reason": "again"}).status_code == 404


def test_an_address_is_made_shown_changed_and_deleted(url: str, bob, project, workspace) -> None:
    key, other = factories.login_key(project), factories.login_key(project, "other")
    made = bob.post(f"{url}/aliases", json={"auth_key_id": key.id})
    assert made.status_code == 201
    name = made.json["id"]
    assert made.json == {
        "id": name, "url": f"http://localhost/api/terraform/{name}", "project_id": project.id,
        "inventory_id": workspace.id, "auth_key_id": key.id,
    }  # fmt: skip
    assert bob.get(f"{url}/aliases").json == [made.json]
    changed = bob.put(f"{url}/aliases/{name}", json={"auth_key_id": other.id})
    assert (changed.status_code, changed.json["auth_key_id"]) == (200, other.id)
    assert bob.delete(f"{url}/aliases/{name}").status_code == 204
    assert bob.get(f"{url}/aliases/{name}").status_code == 404


def test_an_address_needs_a_key_with_a_password_of_the_project(url, bob, project) -> None:
    foreign = factories.login_key(factories.project("Else"))
    for key_id in (None, factories.access_key(project).id, foreign.id, 9999):
        refused = bob.post(f"{url}/aliases", json={"auth_key_id": key_id})
        assert refused.status_code == 400 and refused.json["error"].startswith("auth_key_id: ")


def test_a_key_that_opens_an_address_stays(url: str, bob: FlaskClient, project, workspace) -> None:
    key = factories.login_key(project)
    factories.state_alias(workspace, key)
    at = f"/api/project/{project.id}/keys/{key.id}"
    assert bob.get(f"{at}/refs").json["inventories"] == [{"id": workspace.id, "name": "default"}]
    assert bob.delete(at).json["inUse"] is True


def test_a_workspace_stays_while_its_state_has_resources(bob, project, workspace) -> None:
    at = f"/api/project/{project.id}/inventory/{workspace.id}"
    row = factories.state(workspace, one="x")
    refused = bob.delete(at)
    assert refused.status_code == 400 and "has 1 resource:" in refused.json["error"]
    bob.delete(f"{at}/terraform/states/{row.id}")
    assert bob.delete(at).status_code == 204
    db.session.expire_all()
    assert db.session.scalars(select(TerraformState)).all() == []


def test_a_project_goes_with_its_states(api, project: Project, workspace: Inventory) -> None:
    factories.state(workspace, one="x")
    factories.state_alias(workspace, factories.login_key(project))
    factories.state_lock(workspace)
    assert api("alice").delete(f"/api/project/{project.id}").status_code == 204
    db.session.expire_all()
    for model in (TerraformState, TerraformAlias, TerraformLock):
        assert db.session.scalars(select(model)).all() == []


def test_a_backup_has_the_addresses_and_no_state(api, project: Project, workspace) -> None:
    key = factories.login_key(project)
    factories.state(workspace, one=SECRET)
    name = factories.state_alias(workspace, key, "abcdefghijklmnop").alias
    file = api("alice").get(f"/api/project/{project.id}/backup")
    assert SECRET not in file.text
    entry = next(one for one in file.json["inventories"] if one["name"] == "default")
    assert entry["state_aliases"] == [{"alias": name, "auth_key": "State"}]
    api("alice").delete(f"/api/project/{project.id}")
    again = api("root").post("/api/projects/restore", json=file.json)
    assert again.status_code == 200
    db.session.expire_all()
    [row] = db.session.scalars(select(TerraformAlias)).all()
    assert (row.alias, row.project_id, row.auth_key.name) == (name, again.json["id"], "State")


def test_an_address_that_is_taken_is_left_where_it_is(api, project, workspace) -> None:
    name = factories.state_alias(workspace, factories.login_key(project), "abcdefghijklmnop").alias
    file = api("alice").get(f"/api/project/{project.id}/backup").json
    again = api("root").post("/api/projects/restore", json=file).json
    db.session.expire_all()
    mine, theirs = db.session.scalars(select(TerraformAlias).order_by(TerraformAlias.id)).all()
    assert (mine.alias, mine.project_id) == (name, project.id)
    assert theirs.project_id == again["id"] and theirs.alias != name


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"auth_key": "Nobody"}, "inventories[0].state_aliases[0].auth_key"),
        ({"alias": "../x"}, "inventories.0.state_aliases.0.alias"),
    ],
)
def test_a_wrong_address_of_a_file_is_refused_by_its_path(api, change, field) -> None:
    entry = {"alias": "abcdefghijklmnop", "auth_key": "K"} | change
    file = {
        "meta": {"name": "Again"},
        "keys": [{"name": "K", "type": "login_password"}],
        "inventories": [{"name": "W", "type": "terraform-workspace", "inventory": "default",
                         "state_aliases": [entry]}],
    }  # fmt: skip
    refused = api("root").post("/api/projects/restore", json=file)
    assert refused.status_code == 400 and field.replace("[", ".").replace("]", "") in refused.json[
        "error"
    ].replace("[", ".").replace("]", "")

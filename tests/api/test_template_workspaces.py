"""Workspaces are attached to templates, detached, and made the default, as clients do it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Event, Inventory, Project, TaskTemplate
from tests import factories

OTHER_TYPE = "Inventory type is not supported for this template"
NOT_HELD = "Inventory is not attached to this template"
HELD = "Inventory is already attached to another template"
HELD_ALREADY = "Inventory is already attached to this template"
TYPES = ["static", "static-yaml", "file"] + [
    f"{tool}-workspace" for tool in ("terraform", "tofu", "terragrunt")
]
TAKEN = {
    "terraform": {"terraform-workspace"},
    "tofu": {"tofu-workspace"},
    "terragrunt": {"terragrunt-workspace"},
    "ansible": {"static", "static-yaml", "file"},
    "bash": set(),
}


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    """It has a default that it holds."""
    default = factories.workspace(project, "default")
    made = factories.template(project, "Infra", app="terraform", inventory_id=default.id)
    default.template_id = made.id
    factories.save()
    return made


@pytest.fixture
def bob(api) -> FlaskClient:
    return api("bob")


def act(client: FlaskClient, template: TaskTemplate, inventory: Inventory, word: str):
    path = f"templates/{template.id}/inventory/{inventory.id}/{word}"
    return client.post(f"/api/project/{template.project_id}/{path}")


def template_url(template: TaskTemplate) -> str:
    return f"/api/project/{template.project_id}/templates/{template.id}"


def inventory_url(inventory: Inventory) -> str:
    return f"/api/project/{inventory.project_id}/inventory/{inventory.id}"


def holder(inventory: Inventory) -> int | None:
    db.session.expire_all()
    return inventory.template_id


def default_of(template: TaskTemplate) -> int | None:
    db.session.expire_all()
    return template.inventory_id


def told() -> list[str]:
    db.session.expire_all()
    query = select(Event).where(Event.object_type.in_(("inventory", "template")))
    return [row.description for row in db.session.scalars(query.order_by(Event.id))]


def test_what_nobody_holds_is_attached_made_the_default_and_detached(
    bob, project, template
) -> None:
    blue, first = factories.workspace(project, "blue"), template.inventory
    assert act(bob, template, blue, "attach").status_code == 204
    assert holder(blue) == template.id
    assert act(bob, template, blue, "set_default").status_code == 204
    assert default_of(template) == blue.id and holder(first) == template.id
    assert act(bob, template, first, "detach").status_code == 204
    assert holder(first) is None
    assert told() == [
        "Inventory blue attached to the template Infra",
        "Template Infra has blue as its default workspace",
        "Inventory default detached from the template Infra",
    ]


def test_the_default_is_not_detached(bob, template) -> None:
    refused = act(bob, template, template.inventory, "detach")
    assert refused.status_code == 400
    assert "make another one the default first" in refused.json["error"]
    assert holder(template.inventory) == template.id and told() == []


@pytest.mark.parametrize("word", ["set_default", "detach"])
def test_what_is_not_attached_is_refused(bob, project, template, word: str) -> None:
    free, other = factories.workspace(project, "free"), factories.template(project, "Other")
    held = factories.workspace(project, "held", template_id=other.id)
    for inventory in (free, held):
        refused = act(bob, template, inventory, word)
        assert (refused.status_code, refused.json) == (400, {"error": NOT_HELD})
    assert default_of(template) == template.inventory_id and told() == []


def test_what_is_attached_is_not_attached_again(bob, project, template) -> None:
    other = factories.template(project, "Other", app="terraform")
    held = factories.workspace(project, "held", template_id=other.id)
    for wanted, said in ((template, HELD), (other, HELD_ALREADY)):
        refused = act(bob, wanted, held, "attach")
        assert (refused.status_code, refused.json) == (400, {"error": said})
    assert holder(held) == other.id and told() == []


@pytest.mark.parametrize("word", ["set_default", "attach"])
@pytest.mark.parametrize("tool", TAKEN)
def test_only_types_of_the_tool_are_taken(bob, project, tool: str, word: str) -> None:
    template, taken = factories.template(project, app=tool), set()
    for kind in TYPES:
        inventory = factories.inventory(project, kind, type=kind)
        if word == "set_default" and inventory.is_workspace:
            inventory.template_id = template.id
            factories.save()
        answer = act(bob, template, inventory, word)
        if answer.status_code == 204:
            taken.add(kind)
        else:
            assert (answer.status_code, answer.json) == (400, {"error": OTHER_TYPE})
    assert taken == TAKEN[tool]


def test_hosts_become_the_inventory_without_being_attached(bob, project) -> None:
    template, hosts = factories.template(project, app="ansible"), factories.inventory(project)
    assert act(bob, template, hosts, "set_default").status_code == 204
    assert default_of(template) == hosts.id and holder(hosts) is None
    assert told() == ["Template Hello has Hosts as its inventory"]


def test_a_default_that_nobody_held_stays_with_its_template(bob, project, template) -> None:
    named, green = (factories.workspace(project, name) for name in ("named", "green"))
    green.template_id, template.inventory_id = template.id, named.id
    factories.save()
    assert act(bob, template, green, "set_default").status_code == 204
    assert (default_of(template), holder(named)) == (green.id, template.id)


def test_a_default_that_another_template_names_stays_nobodys(bob, project, template) -> None:
    shared, first = factories.workspace(project, "shared"), template.inventory
    factories.template(project, "Other", app="terraform", inventory_id=shared.id)
    template.inventory_id = shared.id
    factories.save()
    assert act(bob, template, first, "set_default").status_code == 204
    assert (default_of(template), holder(shared)) == (first.id, None)


def test_the_default_made_the_default_once_more_changes_nothing(bob, template) -> None:
    seen = template.lock_version
    assert act(bob, template, template.inventory, "set_default").status_code == 204
    assert told() == []
    assert template.lock_version == seen  # no open form of it is stale


def test_who_only_runs_may_change_none_of_it(api, project, template) -> None:
    free = factories.workspace(project, "free")
    for word in ("set_default", "attach", "detach"):
        assert act(api("carol"), template, free, word).status_code == 403
        assert act(api("mallory"), template, free, word).status_code == 404


@pytest.mark.parametrize("status", ["starting", "running", "waiting_confirmation", "confirmed"])
def test_a_run_keeps_the_default_that_it_has_begun_with(bob, project, template, status) -> None:
    held = factories.workspace(project, "held", template_id=template.id)
    task = factories.task(template, status=status)
    said = f"Run #{task.id} works with the default workspace: wait until it has ended, or stop it"
    refused = act(bob, template, held, "set_default")
    assert (refused.status_code, refused.json) == (400, {"error": said})
    url = template_url(template)
    body = bob.get(url).json
    assert bob.put(url, json=body | {"inventory_id": held.id}).json == {"error": said}
    assert bob.put(url, json=body).status_code == 204
    assert default_of(template) == template.inventory_id != held.id


@pytest.mark.parametrize("status", ["waiting", "success", "rejected"])
def test_runs_that_have_not_begun_or_have_ended_do_not(bob, project, template, status) -> None:
    held = factories.workspace(project, "held", template_id=template.id)
    factories.task(template, status=status)
    factories.task(template, status="running", inventory_id=held.id)
    assert act(bob, template, held, "set_default").status_code == 204


def change(client: FlaskClient, row: Inventory, /, **changed: object):
    """What a client sends that has read it before; None: what it does not know."""
    url = inventory_url(row)
    body = client.get(url).json | changed
    return client.put(url, json={name: value for name, value in body.items() if value is not None})


def test_a_change_of_an_inventory_follows_the_same_rules(bob, project, template) -> None:
    default, other = template.inventory, factories.template(project, "Other", app="terraform")
    free, named = (factories.workspace(project, name) for name in ("free", "named"))
    tofu = factories.inventory(project, "tofu", type="tofu-workspace")
    factories.template(project, "Third", app="terraform", inventory_id=named.id)
    for inventory, holds, said in (
        (default, 0, "It is the default workspace of this template"),
        (default, other.id, HELD),
        (named, other.id, HELD),
        (tofu, other.id, OTHER_TYPE),
    ):
        before = holder(inventory)
        refused = change(bob, inventory, template_id=holds)
        assert refused.status_code == 400 and said in refused.json["error"]
        assert holder(inventory) == before
    assert change(bob, free, template_id=other.id).status_code == 204
    assert holder(free) == other.id
    assert change(bob, free, template_id=0).status_code == 204
    assert holder(free) is None


def test_a_client_that_does_not_know_who_holds_it_detaches_nothing(bob, template) -> None:
    default = template.inventory
    assert change(bob, default, name="Renamed", template_id=None).status_code == 204
    assert holder(default) == template.id and default.name == "Renamed"


@pytest.mark.parametrize("chosen", [True, False])
def test_a_workspace_that_a_run_works_with_stays_what_it_is(bob, template, chosen) -> None:
    default = template.inventory
    own = default.id if chosen else None
    task = factories.task(template, status="waiting_confirmation", inventory_id=own)
    said = f"Run #{task.id} works with this workspace: wait until it has ended, or stop it"
    for changed in ({"inventory": "other"}, {"type": "tofu-workspace"}):
        assert change(bob, default, **changed).json == {"error": said}
    assert change(bob, default, name="Other name").status_code == 204
    task.status = "success"
    factories.save()
    assert change(bob, default, type="static").json == {"error": OTHER_TYPE}
    assert change(bob, default, inventory="other").status_code == 204


def test_a_new_inventory_of_another_tool_is_not_the_templates(bob, project, template) -> None:
    url = f"/api/project/{project.id}/inventory"
    body = {"name": "ws", "project_id": project.id, "inventory": "x", "template_id": template.id}
    refused = bob.post(url, json=body | {"type": "tofu-workspace"})
    assert (refused.status_code, refused.json) == (400, {"error": OTHER_TYPE})
    made = bob.post(url, json=body | {"type": "terraform-workspace"})
    assert made.json["template_id"] == template.id


def test_a_template_is_given_no_workspace_of_another_one(bob, project, template) -> None:
    shared = factories.workspace(project, "shared")
    factories.template(project, "Old", app="terraform", inventory_id=shared.id)
    other = factories.template(project, "Other", app="terraform")
    url, body = template_url(other), bob.get(template_url(other)).json
    for taken, owner in ((template.inventory, "Infra"), (shared, "Old")):
        said = f"inventory_id: {taken.name} is a workspace of the template “{owner}”"
        given = body | {"inventory_id": taken.id}
        assert bob.put(url, json=given).json == {"error": said}
        made = bob.post(f"/api/project/{project.id}/templates", json=given | {"name": "New"})
        assert (made.status_code, made.json) == (400, {"error": said})
    hosts = factories.inventory(project)
    assert bob.put(url, json=body | {"inventory_id": hosts.id}).json == {"error": OTHER_TYPE}
    assert default_of(other) is None


def test_what_a_template_is_given_becomes_its_own(bob, project, template) -> None:
    named, free, new = (factories.workspace(project, name) for name in ("named", "free", "new"))
    template.inventory_id = named.id
    factories.save()
    body = bob.get(template_url(template)).json
    assert bob.put(template_url(template), json=body).status_code == 204
    assert holder(named) is None
    changed = body | {"inventory_id": free.id}
    assert bob.put(template_url(template), json=changed).status_code == 204
    assert default_of(template) == free.id
    assert holder(free) == holder(named) == template.id
    given = body | {"name": "Second", "inventory_id": new.id}
    made = bob.post(f"/api/project/{project.id}/templates", json=given)
    assert made.status_code == 201 and holder(new) == made.json["id"]


def test_hosts_are_shared_by_templates(bob, project) -> None:
    hosts = factories.inventory(project)
    one, other = (factories.template(project, name, app="ansible") for name in ("One", "Other"))
    for template in (one, other):
        body = bob.get(template_url(template)).json
        answer = bob.put(template_url(template), json=body | {"inventory_id": hosts.id})
        assert answer.status_code == 204
    assert holder(hosts) is None

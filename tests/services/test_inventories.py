import pytest

from app.errors import InUse, Invalid
from app.models import Project
from app.schemas.inventories import InventoryIn
from app.schemas.tasks import TaskIn
from app.services import inventories, tasks
from tests import factories

FIELDS = ("ssh_key_id", "become_key_id", "repository_id", "template_id")


@pytest.mark.parametrize("field", FIELDS)
def test_every_reference_is_checked_through_the_project(project: Project, field: str) -> None:
    other = factories.template(factories.project("Other"))
    foreign = {
        "template_id": other.id,
        "repository_id": other.repository_id,
    }.get(field, other.repository.ssh_key_id)
    with pytest.raises(Invalid) as refused:
        inventories.create(project, InventoryIn(type="static", **{field: foreign}), actor=None)
    assert list(refused.value.fields) == [field]


def test_a_change_replaces_everything(project: Project) -> None:
    key = factories.access_key(project)
    inventory = factories.inventory(project, ssh_key_id=key.id, runner_tag="eu")
    data = InventoryIn(name="W", type="tofu-workspace", inventory="default")
    inventories.update(project, inventory.id, data, actor=None)
    assert (inventory.type, inventory.ssh_key_id, inventory.runner_tag) == (
        "tofu-workspace", None, None,
    )  # fmt: skip


def test_workspaces_of_a_template_are_found(project: Project) -> None:
    template = factories.template(project)
    factories.inventory(project, "Hosts")
    held = factories.inventory(project, "W", type="tofu-workspace", template_id=template.id)
    assert inventories.list_for(project, template_id=template.id) == [held]


def test_an_inventory_in_use_is_not_deleted(project: Project) -> None:
    inventory = factories.inventory(project)
    factories.template(project, inventory_id=inventory.id)
    with pytest.raises(InUse, match="Inventory is in use"):
        inventories.delete(project, inventory.id, actor=None)


@pytest.mark.parametrize("status", ["waiting", "running", "waiting_confirmation"])
def test_an_inventory_that_a_run_has_chosen_is_not_deleted(project: Project, status: str) -> None:
    staging = factories.workspace(project, "staging")
    template = factories.template(project, app="terraform")
    task = factories.task(template, status=status, inventory_id=staging.id)
    with pytest.raises(InUse, match=f"Run #{task.id} works with it"):
        inventories.delete(project, staging.id, actor=None)
    task.status = "success"
    factories.save()
    inventories.delete(project, staging.id, actor=None)
    assert inventories.list_for(project, template_id=template.id) == []


def test_a_run_is_offered_workspaces_that_are_its_templates_or_nobodys(project) -> None:
    blue, green, named, _ = (
        factories.workspace(project, name) for name in ("blue", "green", "named", "free")
    )
    mine = factories.template(project, "Mine", app="terraform", inventory_id=blue.id)
    other = factories.template(
        project, "Other", app="terraform", inventory_id=named.id, repository_id=mine.repository_id
    )
    factories.inventory(project, "of another tool", type="tofu-workspace")
    blue.template_id = green.template_id = other.id
    factories.save()
    assert [name for _, name in inventories.offered(project, mine)] == ["blue", "free"]
    assert [name for _, name in inventories.offered(project, other)] == ["free", "green", "named"]
    chosen = inventories.offered(project, mine, str(green.id))
    assert [name for _, name in chosen] == ["blue", "free", "green"]
    assert [name for _, name in inventories.choices(project, "terraform", None)] == ["free"]


@pytest.mark.parametrize("tool", ["terraform", "ansible"])
def test_what_is_chosen_is_offered_whatever_its_type(project: Project, tool: str) -> None:
    template = factories.template(project, app=tool)
    chosen = factories.inventory(project, "Chosen", type="tofu-workspace")
    assert inventories.offered(project, template) == []
    for given in (chosen.id, str(chosen.id)):
        assert inventories.offered(project, template, given) == [(chosen.id, "Chosen")]


@pytest.mark.parametrize("start", [tasks.start, tasks.check])
def test_no_run_takes_a_workspace_that_another_template_holds(project, start) -> None:
    template = factories.template(
        project, "Mine", app="terraform", task_params={"allow_override_inventory": True}
    )
    other = factories.template(
        project, "Other", app="terraform", repository_id=template.repository_id
    )
    own, held, free = (factories.workspace(project, name) for name in ("own", "held", "free"))
    own.template_id, held.template_id = template.id, other.id
    factories.save()
    for workspace in (own, free):
        start(project, TaskIn(template_id=template.id, inventory_id=workspace.id), actor=None)
    with pytest.raises(Invalid) as refused:
        start(project, TaskIn(template_id=template.id, inventory_id=held.id), actor=None)
    assert refused.value.fields == {"inventory_id": "held is a workspace of the template “Other”"}

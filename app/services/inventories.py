"""Inventories: hosts that are written here, files of repositories, workspaces of a state."""

from typing import Any

from sqlalchemy import select

from app.db import db
from app.errors import InUse, Invalid
from app.executors import executor_of
from app.models import (
    Inventory,
    InventoryType,
    Project,
    Repository,
    Task,
    TaskStatus,
    TaskTemplate,
    User,
)
from app.schemas.inventories import InventoryIn
from app.services import access_keys, events, terraform_states
from app.services.references import (
    Refs,
    check_reference,
    count_change,
    get_owned,
    hold,
    named,
    refs,
    refuse_in_use,
    remove,
    sorted_by,
)

HOSTS = (InventoryType.STATIC, InventoryType.STATIC_YAML, InventoryType.FILE)
SORTS = {"name": Inventory.name, "type": Inventory.type}


def list_for(
    project: Project, *, template_id: int | None = None, sort: str = "", descending: bool = False
) -> list[Inventory]:
    """All inventories, or with `template_id` the workspaces that a template holds."""
    query = select(Inventory).filter_by(project_id=project.id)
    if template_id is not None:
        query = query.filter_by(template_id=template_id)
    return list(db.session.scalars(query.order_by(*sorted_by(SORTS, sort, descending))))


def types_of(app: str) -> tuple[InventoryType, ...]:
    """What a template of an app takes: workspaces of its tool, or hosts, or nothing."""
    executor = executor_of(app)
    if executor.takes_workspace:
        return (InventoryType(f"{app}-workspace"),)
    return HOSTS if executor.needs_inventory else ()


def choices(project: Project, app: str = "", chosen: Any = None) -> list[tuple[int, str]]:
    """Id and name of those that templates of an app take, by name: hosts, or its workspaces.

    `chosen` is among them in any case: a form must not lose it.
    """
    taken = types_of(app) or HOSTS
    rows = list_for(project)
    return [(row.id, row.name) for row in rows if row.type in taken or str(row.id) == str(chosen)]


def offered(project: Project, template: TaskTemplate, chosen: Any = None) -> list[tuple[int, str]]:
    """Those that pages offer for a run of a template: of workspaces its own and those of nobody,
    because a state of another template would be torn down. `chosen` is offered in any case.
    """
    found = choices(project, template.app, template.inventory_id)
    if not executor_of(template.app).takes_workspace:
        return found
    taken = taken_by_others(template) - {template.inventory_id}
    return [(id_, name) for id_, name in found if id_ not in taken or str(id_) == str(chosen)]


def refuse_held(project: Project, template: TaskTemplate, inventory: Inventory | None) -> None:
    """Raise Invalid where a run would work with the state of another template."""
    if inventory is None or inventory.id == template.inventory_id or not inventory.is_workspace:
        return
    if inventory.template_id is not None and inventory.template_id != template.id:
        holder = get_owned(TaskTemplate, project, inventory.template_id)
        said = f"{inventory.name} is a workspace of the template “{holder.name}”"
        raise Invalid({"inventory_id": said})


def taken_by_others(template: TaskTemplate) -> set[int]:
    """The workspaces that other templates of the project hold, or name as theirs."""
    held = select(Inventory.id).where(
        Inventory.project_id == template.project_id,
        Inventory.template_id.is_not(None),
        Inventory.template_id != template.id,
    )
    theirs = select(TaskTemplate.inventory_id).where(
        TaskTemplate.project_id == template.project_id,
        TaskTemplate.id != template.id,
        TaskTemplate.inventory_id.is_not(None),
    )
    return {*db.session.scalars(held), *db.session.scalars(theirs)}


def get(project: Project, inventory_id: int) -> Inventory:
    return get_owned(Inventory, project, inventory_id)


def create(project: Project, data: InventoryIn, *, actor: User | None) -> Inventory:
    _check_references(project, data)
    inventory = Inventory(project_id=project.id)
    _fill(inventory, data)
    db.session.add(inventory)
    db.session.flush()  # The event below needs the id.
    events.record(project.id, actor, inventory, "created")
    return inventory


def update(
    project: Project,
    inventory_id: int,
    data: InventoryIn,
    *,
    actor: User | None,
) -> Inventory:
    inventory = get(project, inventory_id)
    count_change(inventory)
    _check_references(project, data)
    _fill(inventory, data)
    events.record(project.id, actor, inventory, "updated")
    return inventory


def delete(project: Project, inventory_id: int, *, actor: User | None) -> None:
    """Raises InUse while templates refer to it, a run that has chosen it goes on, or the state that
    is kept with it has resources."""
    inventory = get(project, inventory_id)
    hold(inventory)
    refuse_in_use("Inventory", refs_of(inventory))
    if why := why_kept(inventory):
        raise InUse(why)
    events.record(project.id, actor, inventory, "deleted")
    remove("Inventory", inventory)


def refs_of(inventory: Inventory) -> Refs:
    """Who uses the inventory."""
    return refs(templates=named(TaskTemplate, TaskTemplate.inventory_id == inventory.id))


def why_kept(inventory: Inventory) -> str:
    """Why it must stay, "" if it need not.

    A run would get its template's in its place, and what the state of a workspace has would be
    nobody's.
    """
    chosen = select(Task.id).filter_by(inventory_id=inventory.id)
    chosen = chosen.where(Task.status.in_(TaskStatus.unfinished())).order_by(Task.id).limit(1)
    if task_id := db.session.scalar(chosen):
        return f"Run #{task_id} works with it: wait until it has ended, or stop it"
    state = terraform_states.newest(inventory.id) if inventory.is_workspace else None
    if state is None or state.resources == 0:
        return ""
    count = "" if state.resources is None else f"{state.resources} "
    what = f"{count}resource{'' if state.resources == 1 else 's'}"
    return f"The state of this workspace has {what}: destroy that, or delete the state first"


def _check_references(project: Project, data: InventoryIn) -> None:
    access_keys.check(project, "ssh_key_id", data.ssh_key_id)
    access_keys.check(project, "become_key_id", data.become_key_id)
    check_reference(Repository, project, "repository_id", data.repository_id)
    check_reference(TaskTemplate, project, "template_id", data.template_id)


def _fill(inventory: Inventory, data: InventoryIn) -> None:
    inventory.name = data.name
    inventory.type = data.type
    inventory.inventory = data.inventory
    inventory.ssh_key_id = data.ssh_key_id
    inventory.become_key_id = data.become_key_id
    inventory.repository_id = data.repository_id
    inventory.template_id = data.template_id
    inventory.runner_tag = data.runner_tag

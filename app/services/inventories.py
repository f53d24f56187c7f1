"""Inventories: hosts that are written here, files of repositories, workspaces of a state."""

from typing import Any

from sqlalchemy import select

from app.db import db
from app.errors import InUse, Invalid
from app.executors import executor_of
from app.models import (
    WORKSPACES,
    Inventory,
    Project,
    Repository,
    Task,
    TaskStatus,
    TaskTemplate,
    User,
)
from app.schemas.inventories import InventoryIn
from app.services import access_keys, events, terraform_states, workspace_holders
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

SORTS = {"name": Inventory.name, "type": Inventory.type}


def list_for(
    project: Project, *, template_id: int | None = None, sort: str = "", descending: bool = False
) -> list[Inventory]:
    """All inventories, or with `template_id` the workspaces that a template holds."""
    query = select(Inventory).filter_by(project_id=project.id)
    if template_id is not None:
        query = query.filter_by(template_id=template_id)
    return list(db.session.scalars(query.order_by(*sorted_by(SORTS, sort, descending))))


def choices(
    project: Project, app: str, template: TaskTemplate | None, chosen: Any = None
) -> list[tuple[int, str]]:
    """Id and name of those that a template of an app takes, by name: hosts, or workspaces of its
    tool that are its own or nobody's, because a state of another template would be torn down.

    `template` is None for a new one. What it has and what is `chosen` are among them in any case:
    a form must not lose them.
    """
    types = workspace_holders.types_of(app) or workspace_holders.HOSTS
    takes_workspace = executor_of(app).takes_workspace
    taken = workspace_holders.taken_by_others(project, template) if takes_workspace else set()
    kept = {str(chosen), str(template.inventory_id) if template else ""}
    return [
        (row.id, row.name)
        for row in list_for(project)
        if str(row.id) in kept or (row.type in types and row.id not in taken)
    ]


def offered(project: Project, template: TaskTemplate, chosen: Any = None) -> list[tuple[int, str]]:
    """Those that pages offer for a run of a template."""
    return choices(project, template.app, template, chosen)


def refuse_held(project: Project, template: TaskTemplate, inventory: Inventory | None) -> None:
    """Raise Invalid where a run would work with the state of another template."""
    if inventory is None or inventory.id == template.inventory_id or not inventory.is_workspace:
        return
    if inventory.template_id is not None and inventory.template_id != template.id:
        holder = get_owned(TaskTemplate, project, inventory.template_id)
        said = f"{inventory.name} is a workspace of the template “{holder.name}”"
        raise Invalid({"inventory_id": said})


def get(project: Project, inventory_id: int) -> Inventory:
    return get_owned(Inventory, project, inventory_id)


def create(project: Project, data: InventoryIn, *, actor: User | None) -> Inventory:
    """Raises Invalid that names the field: an object of another project, or a workspace of a tool
    that its template does not use.
    """
    _check_references(project, data)
    if data.template_id and data.type in WORKSPACES:
        template = get_owned(TaskTemplate, project, data.template_id)
        if executor_of(template.app).takes_workspace:
            workspace_holders.refuse_other_type(template, data.type)
    inventory = Inventory(project_id=project.id, template_id=data.template_id)
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
    """Raises Invalid where a workspace would change under a run, or belong to two templates."""
    inventory = get(project, inventory_id)
    _check_references(project, data)
    _give_to(project, inventory, data)
    workspace_holders.refuse_change(inventory, data.type, data.inventory)
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


def _give_to(project: Project, inventory: Inventory, data: InventoryIn) -> None:
    """Count the change, and let the template hold it that is named; who names none keeps it."""
    wanted, before = data.template_id, inventory.template_id
    if "template_id" not in data.model_fields_set or wanted == before:
        count_change(inventory)
    elif not inventory.is_workspace and data.type not in WORKSPACES:
        count_change(inventory)
        inventory.template_id = wanted
    elif wanted:
        workspace_holders.attach(get_owned(TaskTemplate, project, wanted), inventory, data.type)
    else:
        workspace_holders.detach(get_owned(TaskTemplate, project, before or 0), inventory)


def _fill(inventory: Inventory, data: InventoryIn) -> None:
    inventory.name = data.name
    inventory.type = data.type
    inventory.inventory = data.inventory
    inventory.ssh_key_id = data.ssh_key_id
    inventory.become_key_id = data.become_key_id
    inventory.repository_id = data.repository_id
    inventory.runner_tag = data.runner_tag

"""The workspaces of a template: which ones it holds, and which one its runs have by default.

An inventory says which template holds it, a template which one is its default. Refusals are in the
words that clients know.
"""

from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.executors import executor_of
from app.models import Inventory, Project, Task, TaskTemplate, User
from app.schemas.inventories import InventoryIn, WorkspaceIn
from app.services import events, inventories, task_states, terraform_states, workspace_holders
from app.services.references import count_change, hold
from app.services.workspace_holders import BEGUN, NOT_HELD, OTHER_TYPE, WAIT, refusal


def attachable(project: Project, template: TaskTemplate) -> list[tuple[int, str]]:
    """Id and name of those of its type that no template holds, or names as its default."""
    types = workspace_holders.types_of(template.app)
    query = select(Inventory).filter_by(project_id=project.id, template_id=None)
    query = query.where(Inventory.type.in_(types), Inventory.id != (template.inventory_id or 0))
    taken = workspace_holders.taken_by_others(project, template)
    rows = db.session.scalars(query.order_by(Inventory.name, Inventory.id))
    return [(row.id, row.name) for row in rows if row.id not in taken]


def create(
    project: Project, template: TaskTemplate, data: WorkspaceIn, *, actor: User | None
) -> Inventory:
    """Make a workspace that the template holds, and its default if it has none yet.

    Raises Invalid (`workspace`) for a name that one of its workspaces has.
    """
    if not executor_of(template.app).takes_workspace:
        raise refusal(OTHER_TYPE)
    hold(template)  # of two who make the same one the second is told
    db.session.expire(template, ["inventory_id", "inventory"])
    rows = terraform_states.of_template(template)
    if any(row.workspace.workspace == data.workspace for row in rows):
        raise Invalid({"workspace": f"This template has a workspace {data.workspace} already"})
    [wanted] = workspace_holders.types_of(template.app)
    given = InventoryIn(
        name=f"{template.name} - {data.workspace}"[-255:],
        type=wanted,
        inventory=data.workspace,
        ssh_key_id=data.ssh_key_id,
        template_id=template.id,
    )
    made = inventories.create(project, given, actor=actor)
    if template.inventory is None:
        make_default(project, template, made, actor=actor)
    return made


def attach(
    project: Project, template: TaskTemplate, inventory: Inventory, *, actor: User | None
) -> None:
    """Let a template hold what no template holds, or names as its default. Raises Invalid."""
    workspace_holders.attach(template, inventory)
    events.record(project.id, actor, inventory, f"attached to the template {template.name}")


def detach(
    project: Project, template: TaskTemplate, inventory: Inventory, *, actor: User | None
) -> None:
    """Let no template hold it; it stays, with its state. Raises Invalid, for the default, too."""
    workspace_holders.detach(template, inventory)
    events.record(project.id, actor, inventory, f"detached from the template {template.name}")


def make_default(
    project: Project, template: TaskTemplate, inventory: Inventory, *, actor: User | None
) -> None:
    """Let runs that choose none work with it; the default before stays one of the template's.

    Raises Invalid for a workspace that the template does not hold, and while runs use the default.
    """
    hold(template)
    db.session.expire(template, ["inventory_id", "inventory"])
    hold(inventory)
    db.session.expire(inventory, ["template_id"])
    workspace_holders.refuse_other_type(template, inventory.type)
    if template.inventory_id == inventory.id:
        return
    if inventory.is_workspace and inventory.template_id != template.id:
        raise refusal(NOT_HELD)
    refuse_while_used(template)
    count_change(template)
    workspace_holders.keep(template, template.inventory)
    template.inventory = inventory
    what = "default workspace" if inventory.is_workspace else "inventory"
    events.record(project.id, actor, template, f"has {inventory.name} as its {what}")


def refuse_while_used(template: TaskTemplate) -> None:
    """Raise Invalid while a run works with the default: another one must not get its state."""
    if executor_of(template.app).takes_workspace:
        task_states.hold_claims()  # a run that begins now is seen, or sees what is changed
    if said := why_kept(template):
        raise refusal(said)


def why_kept(template: TaskTemplate) -> str:
    """Why the default must stay now, "" if it need not."""
    query = select(Task.id).filter_by(template_id=template.id, inventory_id=None)
    query = query.where(Task.status.in_(BEGUN)).order_by(Task.id).limit(1)
    if not executor_of(template.app).takes_workspace or not (task_id := db.session.scalar(query)):
        return ""
    return f"Run #{task_id} works with the default workspace: {WAIT}"

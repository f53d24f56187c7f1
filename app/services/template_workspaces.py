"""The workspaces of a template: which ones it holds, and which one its runs have by default.

An inventory says which template holds it, a template which one is its default. Refusals are in the
words that clients know.
"""

from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.executors import executor_of
from app.models import Inventory, Project, Task, TaskStatus, TaskTemplate, User
from app.schemas.inventories import InventoryIn, WorkspaceIn
from app.services import events, inventories, terraform_states
from app.services.references import count_change, hold

OTHER_TYPE = "Inventory type is not supported for this template"
NOT_HELD = "Inventory is not attached to this template"
HELD_BY_ANOTHER = "Inventory is already attached to another template"
HELD_ALREADY = "Inventory is already attached to this template"
IS_DEFAULT = "It is the default workspace of this template: make another one the default first"


# A run that has not begun takes the default that is there when it begins.
BEGUN = [status for status in TaskStatus.unfinished() if status != TaskStatus.WAITING]


def attachable(project: Project, template: TaskTemplate) -> list[tuple[int, str]]:
    """Id and name of those of its type that no template holds, or names as its default."""
    types = inventories.types_of(template.app)
    query = select(Inventory).filter_by(project_id=project.id, template_id=None)
    query = query.where(Inventory.type.in_(types), Inventory.id != (template.inventory_id or 0))
    taken = inventories.taken_by_others(template)
    rows = db.session.scalars(query.order_by(Inventory.name, Inventory.id))
    return [(row.id, row.name) for row in rows if row.id not in taken]


def create(
    project: Project, template: TaskTemplate, data: WorkspaceIn, *, actor: User | None
) -> Inventory:
    """Make a workspace that the template holds, and its default if it has none yet.

    Raises Invalid (`workspace`) for a name that one of its workspaces has.
    """
    if not executor_of(template.app).takes_workspace:
        raise _refusal(OTHER_TYPE)
    hold(template)  # of two who make the same one the second is told
    if any(
        row.workspace.inventory == data.workspace for row in terraform_states.of_template(template)
    ):
        raise Invalid({"workspace": f"This template has a workspace {data.workspace} already"})
    [wanted] = inventories.types_of(template.app)
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
    """Let a template hold what no template holds. Raises Invalid."""
    _take(template, inventory)
    if inventory.template_id is not None:
        raise _refusal(HELD_ALREADY if inventory.template_id == template.id else HELD_BY_ANOTHER)
    _refuse_other_type(template, inventory)
    inventory.template_id = template.id
    events.record(project.id, actor, inventory, f"attached to the template {template.name}")


def detach(
    project: Project, template: TaskTemplate, inventory: Inventory, *, actor: User | None
) -> None:
    """Let no template hold it; it stays, with its state. Raises Invalid, for the default, too."""
    _take(template, inventory)
    if inventory.template_id != template.id:
        raise _refusal(NOT_HELD)
    if inventory.is_workspace and template.inventory_id == inventory.id:
        raise _refusal(IS_DEFAULT)
    inventory.template_id = None
    events.record(project.id, actor, inventory, f"detached from the template {template.name}")


def make_default(
    project: Project, template: TaskTemplate, inventory: Inventory, *, actor: User | None
) -> None:
    """Let runs that choose none work with it; the default before stays one of the template's.

    Raises Invalid for a workspace that the template does not hold, and while runs use the default.
    """
    count_change(template)
    db.session.expire(template, ["inventory_id", "inventory"])
    hold(inventory)
    _refuse_other_type(template, inventory)
    if template.inventory_id == inventory.id:
        return
    if inventory.is_workspace and inventory.template_id != template.id:
        raise _refusal(NOT_HELD)
    refuse_while_used(template)
    _keep(template, template.inventory)
    template.inventory = inventory
    what = "default workspace" if inventory.is_workspace else "inventory"
    events.record(project.id, actor, template, f"has {inventory.name} as its {what}")


def refuse_while_used(template: TaskTemplate) -> None:
    """Raise Invalid while a run works with the default: another one must not get its state."""
    if said := why_kept(template):
        raise _refusal(said)


def why_kept(template: TaskTemplate) -> str:
    """Why the default must stay now, "" if it need not."""
    query = select(Task.id).filter_by(template_id=template.id, inventory_id=None)
    query = query.where(Task.status.in_(BEGUN)).order_by(Task.id).limit(1)
    if not executor_of(template.app).takes_workspace or not (task_id := db.session.scalar(query)):
        return ""
    return f"Run #{task_id} works with the default workspace: wait until it has ended, or stop it"


def _take(template: TaskTemplate, inventory: Inventory) -> None:
    """Know both as they are, until the transaction ends: of two who change them one waits."""
    hold(template)
    count_change(inventory)
    db.session.expire(template, ["inventory_id"])
    db.session.expire(inventory, ["template_id"])


def _keep(template: TaskTemplate, before: Inventory | None) -> None:
    """A default that nobody holds would be no workspace of the template any more."""
    if before is None or not before.is_workspace or before.template_id is not None:
        return
    if before.id not in inventories.taken_by_others(template):
        before.template_id = template.id


def _refuse_other_type(template: TaskTemplate, inventory: Inventory) -> None:
    if inventory.type not in inventories.types_of(template.app):
        raise _refusal(OTHER_TYPE)


def _refusal(said: str) -> Invalid:
    return Invalid({"inventory_id": said}, said)

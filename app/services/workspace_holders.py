"""Which template a workspace belongs to: the rules for all who change that, or what it is.

An inventory says which template holds it, a template which one is its default. A workspace that
nobody holds belongs to those that name it. Refusals are in the words that clients know.
"""

from sqlalchemy import or_, select

from app.db import db
from app.errors import Invalid
from app.executors import executor_of
from app.models import WORKSPACES, Inventory, InventoryType, Project, Task, TaskStatus, TaskTemplate
from app.services import task_states
from app.services.references import count_change, hold

OTHER_TYPE = "Inventory type is not supported for this template"
NOT_HELD = "Inventory is not attached to this template"
HELD_BY_ANOTHER = "Inventory is already attached to another template"
HELD_ALREADY = "Inventory is already attached to this template"
IS_DEFAULT = "It is the default workspace of this template: make another one the default first"

HOSTS = (InventoryType.STATIC, InventoryType.STATIC_YAML, InventoryType.FILE)
# A run that has not begun takes the default that is there when it begins.
BEGUN = [status for status in TaskStatus.unfinished() if status != TaskStatus.WAITING]
WAIT = "wait until it has ended, or stop it"


def types_of(app: str) -> tuple[InventoryType, ...]:
    """What a template of an app takes: workspaces of its tool, or hosts, or nothing."""
    executor = executor_of(app)
    if executor.takes_workspace:
        return (InventoryType(f"{app}-workspace"),)
    return HOSTS if executor.needs_inventory else ()


def taken_by_others(project: Project, template: TaskTemplate | None) -> set[int]:
    """What other templates of the project hold, or name as theirs; None: all of them."""
    own = template.id if template else 0
    held = select(Inventory.id).where(
        Inventory.project_id == project.id,
        Inventory.template_id.is_not(None),
        Inventory.template_id != own,
    )
    theirs = select(TaskTemplate.inventory_id).where(
        TaskTemplate.project_id == project.id,
        TaskTemplate.id != own,
        TaskTemplate.inventory_id.is_not(None),
    )
    return {*db.session.scalars(held), *db.session.scalars(theirs)}


def attach(template: TaskTemplate, inventory: Inventory, kind: str = "") -> None:
    """Let a template hold what belongs to no other one; `kind`: it is to be of this type.

    Raises Invalid. The inventory counts as changed.
    """
    _take(template, inventory)
    if inventory.template_id is not None:
        raise refusal(HELD_ALREADY if inventory.template_id == template.id else HELD_BY_ANOTHER)
    refuse_other_type(template, kind or inventory.type)
    if inventory.is_workspace and _named_by_others(template, inventory):
        raise refusal(HELD_BY_ANOTHER)
    inventory.template_id = template.id


def detach(template: TaskTemplate, inventory: Inventory) -> None:
    """Let no template hold it. Raises Invalid, for the default and while a run works with it, too.

    The inventory counts as changed.
    """
    _take(template, inventory)
    if inventory.template_id != template.id:
        raise refusal(NOT_HELD)
    if inventory.is_workspace and template.inventory_id == inventory.id:
        raise refusal(IS_DEFAULT)
    refuse_while_used(inventory)
    inventory.template_id = None


def take_default(template: TaskTemplate, before: Inventory | None) -> None:
    """After a template was given another inventory than `before`: a workspace becomes its own, and
    the one before stays with it. Raises Invalid for what belongs to another template.
    """
    after = template.inventory
    if after is before:
        return
    keep(template, before)
    if after is None:
        return
    hold(after)  # of two who take it one waits
    db.session.expire(after, ["template_id"])
    if after.is_workspace or executor_of(template.app).takes_workspace:
        refuse_other_type(template, after.type)
    if not after.is_workspace:
        return
    if others := _owners(template, after):
        said = f"{after.name} is a workspace of the template “{others[0].name}”"
        raise Invalid({"inventory_id": said})
    after.template_id = template.id


def keep(template: TaskTemplate, before: Inventory | None) -> None:
    """A default that nobody holds would be no workspace of the template any more."""
    if before is None or not before.is_workspace or before.template_id is not None:
        return
    if not _named_by_others(template, before):
        before.template_id = template.id


def refuse_change(inventory: Inventory, kind: str, text: str) -> None:
    """Raise Invalid where a workspace would become another one while a run works with it, or be
    of a type that its templates do not take.
    """
    is_other = kind != inventory.type
    if not is_other and Inventory.name_in_tool(text) == inventory.workspace:
        return
    if not inventory.is_workspace and kind not in WORKSPACES:
        return
    refuse_while_used(inventory)
    named = TaskTemplate.inventory_id == inventory.id
    query = select(TaskTemplate).where(or_(named, TaskTemplate.id == inventory.template_id))
    if is_other and any(kind not in types_of(row.app) for row in db.session.scalars(query)):
        raise Invalid({"type": OTHER_TYPE}, OTHER_TYPE)


def refuse_while_used(inventory: Inventory) -> None:
    """Raise Invalid while a run works with a workspace, or waits to."""
    if not inventory.is_workspace:
        return
    task_states.hold_claims()
    if task_id := _run_with(inventory):
        said = f"Run #{task_id} works with this workspace: {WAIT}"
        raise Invalid({"inventory": said}, said)


def refuse_other_type(template: TaskTemplate, kind: str) -> None:
    """Raise Invalid for a type of inventories that the template's tool does not take."""
    if kind not in types_of(template.app):
        raise refusal(OTHER_TYPE)


def refusal(said: str) -> Invalid:
    """A refusal in exactly these words."""
    return Invalid({"inventory_id": said}, said)


def _run_with(inventory: Inventory) -> int | None:
    """The first run that has chosen it, or has begun with it as the default."""
    chosen = (Task.inventory_id == inventory.id) & Task.status.in_(TaskStatus.unfinished())
    given = Task.inventory_id.is_(None) & (TaskTemplate.inventory_id == inventory.id)
    query = select(Task.id).join(TaskTemplate, TaskTemplate.id == Task.template_id)
    query = query.where(or_(chosen, given & Task.status.in_(BEGUN)))
    return db.session.scalar(query.order_by(Task.id).limit(1))


def _owners(template: TaskTemplate, inventory: Inventory) -> list[TaskTemplate]:
    """The other templates that hold it or name it, who holds it first."""
    if inventory.template_id not in (None, template.id):
        return [db.session.get_one(TaskTemplate, inventory.template_id)]
    return _named_by_others(template, inventory)


def _named_by_others(template: TaskTemplate, inventory: Inventory) -> list[TaskTemplate]:
    query = select(TaskTemplate).where(TaskTemplate.inventory_id == inventory.id)
    query = query.where(TaskTemplate.id != template.id).order_by(TaskTemplate.id)
    return list(db.session.scalars(query))


def _take(template: TaskTemplate, inventory: Inventory) -> None:
    """Know both as they are, until the transaction ends: of two who change them one waits."""
    hold(template)
    count_change(inventory)
    db.session.expire(template, ["inventory_id"])
    db.session.expire(inventory, ["template_id"])

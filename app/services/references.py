"""Objects are fetched through the project of the URL; others do not exist there.

And what still refers to an object, so that it cannot be deleted.
"""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError

from app.db import Model, db
from app.errors import InUse, Invalid, NotFound, Stale
from app.models import Project

M = TypeVar("M", bound=Model)

IN_USE = "{kind} is in use by one or more templates"

TITLES = {
    "AccessKey": "Key",
    "CustomRole": "Role",
    "Environment": "Variable group",
    "HostConfig": "Host mapping",
    "HostKey": "Known host",
    "IntegrationExtractValue": "Value",
    "IntegrationMatcher": "Matcher",
    "ProjectView": "View",
    "TaskTemplate": "Template",
    "TemplateRole": "Permission",
    "Task": "Run",
    "TerraformState": "State version",
}


def title(model: type[Any]) -> str:
    """What pages and messages call a kind of object."""
    return TITLES.get(model.__name__, model.__name__)


def get_owned(model: type[M], project: Project, object_id: int) -> M:
    """Return the object that a URL names. Raises NotFound for another project's, too."""
    query = select(model).filter_by(project_id=project.id, id=object_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"{title(model)} {object_id} does not exist in this project")
    return found


def check_reference(
    model: type[M], project: Project, field: str, object_id: int | None
) -> M | None:
    """Return what a body refers to. Raises Invalid, naming the field, if it is unknown here."""
    if object_id is None:
        return None
    query = select(model).filter_by(project_id=project.id, id=object_id)
    found = db.session.scalar(query)
    if found is None:
        raise Invalid({field: f"There is no {title(model).lower()} {object_id} in this project"})
    return found


def require_reference(model: type[M], project: Project, field: str, object_id: int | None) -> M:
    """Like check_reference, and raises Invalid if the body refers to nothing."""
    found = check_reference(model, project, field, object_id)
    if found is None:
        raise Invalid({field: f"Choose a {title(model).lower()} of this project"})
    return found


def hold(row: Any) -> None:
    """Keep a row to this transaction: whoever refers to it meanwhile waits, or was waited for."""
    model = type(row)
    db.session.execute(select(model.id).where(model.id == row.id).with_for_update())


def count_change(row: Any) -> None:
    """Give an editable row its next version; of two who change it at once one waits.

    Raises NotFound if somebody has deleted it meanwhile.
    """
    model = type(row)
    query = select(model.lock_version).where(model.id == row.id).with_for_update()
    seen = db.session.scalar(query)
    if seen is None:
        raise NotFound(f"{title(model)} was deleted meanwhile")
    row.lock_version = seen + 1


def refuse_stale(row: Any, seen: int) -> None:
    """Raise Stale if an editable row is no longer in the version that its page has shown.

    The row is held until the transaction ends, so that of two who save at once one is told.
    """
    db.session.refresh(row, with_for_update=True)
    if row.lock_version != seen:
        raise Stale("Somebody else has changed this meanwhile")


# The kinds of objects that may refer to another one, as the API names them.
REFERRERS = (
    "templates", "inventories", "repositories", "integrations", "schedules", "access_keys",
)  # fmt: skip

Refs = dict[str, list[dict[str, Any]]]


def refs(**found: list[dict[str, Any]]) -> Refs:
    """All kinds of referrers, those that are not given empty."""
    return {kind: found.get(kind, []) for kind in REFERRERS}


def named(model: Any, *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Id and name of the objects that meet one of the conditions."""
    query = select(model.id, model.name).where(or_(*conditions)).order_by(model.id)
    return [{"id": row.id, "name": row.name} for row in db.session.execute(query)]


def refuse_in_use(kind: str, found: Refs) -> None:
    """Raise InUse, in the words that clients know, if anything refers to the object."""
    if any(found.values()):
        raise InUse(IN_USE.format(kind=kind), found)


def remove(kind: str, row: Any) -> None:
    """Delete a row; a reference that was made meanwhile refuses it like one that was there."""
    db.session.delete(row)
    try:
        db.session.flush()  # The database checks references here.
    except IntegrityError as error:
        raise InUse(IN_USE.format(kind=kind)) from error


def sorted_by(columns: dict[str, Any], sort: str, descending: bool) -> list[Any]:
    """How to order a list: by the column named so, else by the first one; equals by id."""
    first = columns.get(sort, next(iter(columns.values())))
    model = next(iter(columns.values())).class_
    key = func.lower(first)
    return [key.desc() if descending else key, model.id]

"""Objects are fetched through the project of the URL; others do not exist there."""

from typing import Any, TypeVar

from sqlalchemy import select

from app.db import Model, db
from app.errors import Invalid, NotFound
from app.models import Project

M = TypeVar("M", bound=Model)

MAX_ID = 2**63 - 1

TITLES = {
    "AccessKey": "Key",
    "Environment": "Variable group",
    "TaskTemplate": "Template",
    "Task": "Run",
}


def title(model: type[Any]) -> str:
    """What pages and messages call a kind of object."""
    return TITLES.get(model.__name__, model.__name__)


def get_owned(model: type[M], project: Project, object_id: int) -> M:
    """Return the object that a URL names. Raises NotFound for another project's, too."""
    query = select(model).filter_by(project_id=project.id, id=min(object_id, MAX_ID))
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
    query = select(model).filter_by(project_id=project.id, id=min(object_id, MAX_ID))
    found = db.session.scalar(query)
    if found is None:
        raise Invalid({field: f"There is no {title(model).lower()} {object_id} in this project"})
    return found

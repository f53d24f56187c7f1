"""What is going to be deleted as soon as its runs have ended (app.services.removing does it)."""

from sqlalchemy import ColumnElement, select

from app.db import db
from app.errors import Busy
from app.models import Project, Removal, TaskTemplate


def of_template(template: TaskTemplate) -> Removal | None:
    """The wish to delete the template or its whole project, if there is one."""
    return db.session.scalars(select(Removal).where(_covers(template)).limit(1)).first()


def of_project(project: Project) -> Removal | None:
    """The wish to delete the project, if there is one."""
    query = select(Removal).filter_by(project_id=project.id, template_id=None)
    return db.session.scalars(query.limit(1)).first()


def refuse_start(template: TaskTemplate) -> None:
    """Raise Busy where no run may start any more."""
    if db.session.scalar(select(Removal.id).where(_covers(template)).limit(1)):
        raise Busy(f"{template.name} is being deleted; no run of it can start")


def _covers(template: TaskTemplate) -> ColumnElement[bool]:
    mine = Removal.template_id.is_(None) | (Removal.template_id == template.id)
    return (Removal.project_id == template.project_id) & mine

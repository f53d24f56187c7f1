"""The repositories of a project as the list shows them, with what uses them."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.models import Project, Repository, TaskTemplate


@dataclass(frozen=True)
class Row:
    repository: Repository
    templates: int


def find(project: Project, text: str = "") -> list[Row]:
    """The repositories whose name or address contains the text, by name, in two queries."""
    query = select(Repository).options(joinedload(Repository.ssh_key))
    query = query.filter_by(project_id=project.id)
    if text:
        wanted = [Repository.name, Repository.git_url]
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in wanted)))
    found = db.session.scalars(query.order_by(func.lower(Repository.name), Repository.id))
    used = _templates(project)
    return [Row(repository, used.get(repository.id, 0)) for repository in found]


def _templates(project: Project) -> dict[int, int]:
    query = select(TaskTemplate.repository_id, func.count()).filter_by(project_id=project.id)
    return dict(db.session.execute(query.group_by(TaskTemplate.repository_id)).all())

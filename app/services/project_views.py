"""Views: named parts of a project's templates, in an order of their own."""

from collections.abc import Mapping

from sqlalchemy import select

from app.db import db
from app.models import Project, ProjectView, User
from app.schemas.project_views import ProjectViewIn
from app.services import events
from app.services.references import count_change, get_owned

ORDERED = "given another order of its views"
FIELDS = tuple(ProjectViewIn.model_fields)


def list_for(project: Project) -> list[ProjectView]:
    """All views of a project by their position."""
    query = select(ProjectView).filter_by(project_id=project.id)
    return list(db.session.scalars(query.order_by(ProjectView.position, ProjectView.id)))


def get(project: Project, view_id: int) -> ProjectView:
    return get_owned(ProjectView, project, view_id)


def create(project: Project, data: ProjectViewIn, *, actor: User | None) -> ProjectView:
    view = ProjectView(project_id=project.id)
    _fill(view, data)
    db.session.add(view)
    db.session.flush()  # The event needs the id.
    events.record(project.id, actor, view, "created", name=view.title)
    return view


def update(
    project: Project, view_id: int, data: ProjectViewIn, *, actor: User | None
) -> ProjectView:
    view = get(project, view_id)
    count_change(view)
    _fill(view, data)
    events.record(project.id, actor, view, "updated", name=view.title)
    return view


def place(project: Project, positions: Mapping[int, int], *, actor: User | None) -> None:
    """Give views new positions. What is no view of the project is passed over, as clients expect
    who send a view that somebody has deleted meanwhile."""
    for view in list_for(project):
        view.position = positions.get(view.id, view.position)
    events.record(project.id, actor, project, ORDERED)


def move(project: Project, view_id: int, *, by: int, actor: User | None) -> None:
    """Put a view `by` places further on (less than 0: back), as far as there are places."""
    view, others = get(project, view_id), list_for(project)
    place = others.index(view) + by
    others.remove(view)
    others.insert(max(place, 0), view)
    for position, other in enumerate(others):
        other.position = position
    events.record(project.id, actor, project, ORDERED)


def delete(project: Project, view_id: int, *, actor: User | None) -> None:
    """Delete a view; its templates stay, in none."""
    view = get(project, view_id)
    events.record(project.id, actor, view, "deleted", name=view.title)
    db.session.delete(view)


def _fill(view: ProjectView, data: ProjectViewIn) -> None:
    for name in FIELDS:
        setattr(view, name, getattr(data, name))

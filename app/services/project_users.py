"""Membership: who takes part in a project, and in which role."""

from sqlalchemy import select

from app.db import db
from app.errors import NotFound
from app.models import Project, ProjectUser, User
from app.permissions import ALL, Permission, Role


def get_for(user: User, project_id: int) -> tuple[Project, Role | None, Permission]:
    """Return a project, the user's role in it and what he may do there.

    A server admin may do everything, also without membership (role None). Raises NotFound for a
    project that does not exist and for one the user is no member of.
    """
    query = (
        select(Project, ProjectUser.role)
        .outerjoin(
            ProjectUser,
            (ProjectUser.project_id == Project.id) & (ProjectUser.user_id == user.id),
        )
        .where(Project.id == project_id)
    )
    project, word = db.session.execute(query).one_or_none() or (None, None)
    role = Role(word) if word else None
    if project is None or not (role or user.admin):
        raise NotFound("Project not found")
    if user.admin:
        return project, role, ALL
    assert role is not None
    return project, role, role.permissions

"""Custom roles: named sets of permissions, of one project or of all, that templates are given.

A role alone gives nothing. Who holds it may do what the templates say to which it is attached.
"""

from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from app.db import db
from app.errors import InUse, Invalid, NotFound
from app.models import (
    CustomRole,
    Lock,
    Project,
    ProjectUser,
    TaskTemplate,
    TemplateRole,
    User,
    project_user_role,
)
from app.schemas.roles import RESERVED, SLUG, CustomRoleIn, RoleChangeIn, slug_of
from app.services import events
from app.services.references import count_change, hold

Referrers = dict[str, list[dict[str, Any]]]


def list_for(project: Project | None) -> list[CustomRole]:
    """The roles of a project, or (None) those of all projects, by name."""
    return _listed(CustomRole.scope == _scope(project))


def available(project: Project) -> list[CustomRole]:
    """What a project can use: its own roles and those of all projects."""
    return _listed(CustomRole.scope.in_((0, project.id)))


def _listed(condition: ColumnElement[bool]) -> list[CustomRole]:
    query = select(CustomRole).where(condition)
    return list(db.session.scalars(query.order_by(func.lower(CustomRole.name), CustomRole.id)))


def _scope(project: Project | None) -> int:
    return project.id if project else 0


def get(project: Project | None, slug: str) -> CustomRole:
    """A role of a project, or (None) one of all projects. Raises NotFound."""
    query = select(CustomRole).filter_by(scope=_scope(project), slug=slug)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"There is no role {slug[:80]}{' in this project' if project else ''}")
    return found


def find(project: Project, slug: str) -> CustomRole | None:
    """The role that a project means by a slug: its own, else the one of all projects."""
    query = select(CustomRole).where(CustomRole.scope.in_((0, project.id)))
    query = query.where(CustomRole.slug == slug).order_by(CustomRole.scope.desc())
    return db.session.scalars(query).first()


def find_global(slug: str, name: str) -> CustomRole | None:
    """The role of all projects that a backup means: of this slug, or without one of this name."""
    query = select(CustomRole).filter_by(scope=0, **({"slug": slug} if slug else {"name": name}))
    return db.session.scalars(query.order_by(CustomRole.id)).first()


def create(project: Project | None, data: CustomRoleIn, *, actor: User | None) -> CustomRole:
    """Make a role of a project, or (None) of all. Raises Invalid where the slug is taken."""
    _refuse_taken(project, data.slug)
    role = CustomRole(
        project_id=project.id if project else None,
        scope=_scope(project),
        slug=data.slug,
        name=data.name,
        permissions=data.permissions,
    )
    db.session.add(role)
    db.session.flush()  # The event below needs the id.
    events.record(role.project_id, actor, role, "created")
    return role


def _refuse_taken(project: Project | None, slug: str) -> None:
    """One slug means one role in each project; who sees all projects is told where it is taken.

    No constraint spans a role of all projects and one of a project, so roles are made one by one.
    """
    db.session.execute(select(Lock.name).where(Lock.name == "roles").with_for_update())
    query = select(CustomRole).filter_by(slug=slug)
    if project is not None:
        query = query.where(CustomRole.scope.in_((0, project.id)))
    taken = db.session.scalars(query.order_by(CustomRole.scope)).first()
    if taken is None:
        return
    where = f" in project {taken.project_id}" if taken.project_id and not project else ""
    raise Invalid({"slug": f"There is a role {slug} already{where}"})


def free_slug(project: Project, wanted: str) -> str:
    """The slug itself, or one like it that the project can still take."""
    taken = {role.slug for role in available(project)} | RESERVED
    if SLUG.fullmatch(wanted) and wanted not in taken:
        return wanted
    base = slug_of(wanted)[:56] or "role"
    return next(f"{base}-{n}" for n in count(2) if f"{base}-{n}" not in taken)


def update(
    project: Project | None, slug: str, data: RoleChangeIn, *, actor: User | None
) -> CustomRole:
    """Rename a role, or change what it gives at most: where it is attached, that counts at once."""
    role = get(project, slug)
    count_change(role)
    role.name, role.permissions = data.name, data.permissions
    events.record(role.project_id, actor, role, "updated")
    return role


def delete(project: Project | None, slug: str, *, actor: User | None) -> None:
    """Raises InUse while templates have the role or members hold it.

    It does not take itself away from them: nobody would see who has lost which right, and a role
    of all projects is used where its administrator may never have looked.
    """
    role = get(project, slug)
    hold(role)  # who attaches it meanwhile is seen, or finds no role
    found = referrers(role)
    if any(found.values()):
        raise InUse("Role is in use by one or more templates or members", found)
    events.record(role.project_id, actor, role, "deleted")
    db.session.delete(role)


def referrers(role: CustomRole) -> Referrers:
    """The templates that a role is attached to, and the members who hold it."""
    templates = (
        select(TaskTemplate.id, TaskTemplate.name, TaskTemplate.project_id)
        .join(TemplateRole, TemplateRole.template_id == TaskTemplate.id)
        .where(TemplateRole.role_id == role.id)
        .order_by(TaskTemplate.id)
    )
    users = (
        select(User.id, User.name, ProjectUser.project_id)
        .join(ProjectUser, ProjectUser.user_id == User.id)
        .join(project_user_role, project_user_role.c.project_user_id == ProjectUser.id)
        .where(project_user_role.c.role_id == role.id)
        .order_by(User.name, ProjectUser.project_id)
    )
    return {"templates": _named(templates), "users": _named(users)}


def _named(query: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(query).mappings()]


class Uses(NamedTuple):
    """How many templates have a role, and how many members hold it."""

    templates: int
    members: int


def uses(project: Project | None) -> dict[int, Uses]:
    """The uses of each role by its id, in a project or (None) in all; unused ones are missing."""
    held = project_user_role.c
    templates = select(TemplateRole.role_id, func.count()).join(TemplateRole.template)
    members = select(held.role_id, func.count()).join(
        ProjectUser, ProjectUser.id == held.project_user_id
    )
    if project is not None:
        templates = templates.where(TaskTemplate.project_id == project.id)
        members = members.where(ProjectUser.project_id == project.id)
    of_templates = _counted(templates.group_by(TemplateRole.role_id))
    of_members = _counted(members.group_by(held.role_id))
    return {
        role_id: Uses(of_templates.get(role_id, 0), of_members.get(role_id, 0))
        for role_id in of_templates | of_members
    }


def _counted(query: Any) -> dict[int, int]:
    return dict(db.session.execute(query).all())


def chosen(project: Project, slugs: list[str]) -> list[CustomRole]:
    """The roles that a body names. Raises Invalid for one that the project does not have."""
    found = {slug: find(project, slug) for slug in slugs}
    for slug, role in found.items():
        if role is None:
            raise Invalid({"roles": f"There is no custom role {slug[:80]} in this project"})
    return [role for role in found.values() if role]

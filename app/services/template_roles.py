"""Who may do more with a template than elsewhere: the custom roles that are attached to it.

`rights_of` is the one answer to the question what somebody may do with a template. What a role
gives is never more than this: at this template, what the attachment and the role both say, of
running and managing it.
"""

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.db import db
from app.errors import AlreadyThere, Invalid, NotFound
from app.models import (
    CustomRole,
    Project,
    ProjectUser,
    Task,
    TaskTemplate,
    TemplateRole,
    User,
    project_user_role,
)
from app.permissions import AT_TEMPLATE, Permission, Rights, Role, given_by
from app.schemas.template_roles import GrantIn, TemplateRoleIn
from app.services import events, project_users, roles
from app.services.references import count_change, hold


def rights_of(user: User, project: Project, everywhere: Permission) -> Rights:
    """What a user may do with each template of a project; `everywhere` is what his role gives."""
    if AT_TEMPLATE in everywhere:
        return Rights(everywhere, {})
    held = project_user_role.c
    query = (
        select(TemplateRole.template_id, TemplateRole.permissions, CustomRole.permissions)
        .join(CustomRole, CustomRole.id == TemplateRole.role_id)
        .join(TaskTemplate, TaskTemplate.id == TemplateRole.template_id)
        .join(project_user_role, held.role_id == CustomRole.id)
        .join(ProjectUser, ProjectUser.id == held.project_user_id)
        .where(ProjectUser.user_id == user.id, ProjectUser.project_id == project.id)
        .where(TaskTemplate.project_id == project.id, CustomRole.scope.in_((0, project.id)))
    )
    added: dict[int, Permission] = defaultdict(lambda: Permission.VIEW)
    for template_id, attached, at_most in db.session.execute(query):
        added[template_id] |= given_by(attached, at_most)
    return Rights(everywhere, dict(added))


def template_of(project: Project, task_id: int) -> int | None:
    """The id of the template that a run is of, None if the project has no such run."""
    query = select(Task.template_id).filter_by(project_id=project.id, id=task_id)
    return db.session.scalar(query)


def list_for(template: TaskTemplate) -> list[TemplateRole]:
    """The attachments of a template with their roles, by the roles' names."""
    query = select(TemplateRole).filter_by(template_id=template.id).join(TemplateRole.role)
    query = query.options(joinedload(TemplateRole.role), joinedload(TemplateRole.template))
    return list(db.session.scalars(query.order_by(CustomRole.name, TemplateRole.id)))


def by_template(project: Project) -> dict[int, list[TemplateRole]]:
    """The attachments of all templates of a project with their roles, by the template's id."""
    query = select(TemplateRole).join(TemplateRole.template).join(TemplateRole.role)
    query = query.options(contains_eager(TemplateRole.role))
    query = query.where(TaskTemplate.project_id == project.id)
    found: dict[int, list[TemplateRole]] = defaultdict(list)
    for grant in db.session.scalars(query.order_by(CustomRole.name, TemplateRole.id)):
        found[grant.template_id].append(grant)
    return found


class Person(NamedTuple):
    """A member, what he may do with a template, and the custom roles that add to that."""

    member: ProjectUser
    permissions: Permission
    by: list[CustomRole]


def people(project: Project, template: TaskTemplate) -> list[Person]:
    """The members who may do more than look at a template, by name."""
    attached = {grant.role_id: grant for grant in list_for(template)}
    found = []
    for member in project_users.list_for(project):
        by = [role for role in member.custom_roles if role.id in attached]
        permissions = Role(member.role).permissions & AT_TEMPLATE
        for role in by:
            permissions |= given_by(attached[role.id].permissions, role.permissions)
        if permissions:
            found.append(Person(member, permissions, by))
    return found


def get(template: TaskTemplate, perm_id: int) -> TemplateRole:
    """Raises NotFound, for an attachment of another template too."""
    query = select(TemplateRole).filter_by(template_id=template.id, id=perm_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"Permission {perm_id} does not exist at this template")
    return found


def create(
    project: Project, template: TaskTemplate, data: TemplateRoleIn, *, actor: User | None
) -> TemplateRole:
    """Attach a role. Raises Invalid, AlreadyThere for one that is attached already."""
    role = roles.find(project, data.role_slug)
    if role is None:
        raise Invalid({"role_slug": f"There is no custom role {data.role_slug[:80]} here"})
    hold(template)  # of two who attach the same role the second is told
    if db.session.scalar(select(TemplateRole).filter_by(template_id=template.id, role_id=role.id)):
        raise AlreadyThere(f"The role {role.name} is attached to this template already")
    grant = TemplateRole(template=template, role=role, permissions=_given(role, data))
    db.session.add(grant)
    db.session.flush()  # The answer shows the id.
    events.record(project.id, actor, template, f"given to the role {role.name}")
    return grant


def update(
    project: Project, template: TaskTemplate, perm_id: int, data: GrantIn, *, actor: User | None
) -> TemplateRole:
    """Change what the holders of an attached role may do. Raises Invalid, NotFound."""
    grant = get(template, perm_id)
    count_change(grant)
    grant.permissions = _given(grant.role, data)
    events.record(project.id, actor, template, f"given to the role {grant.role.name}")
    return grant


def delete(project: Project, template: TaskTemplate, perm_id: int, *, actor: User | None) -> None:
    """Detach a role: its holders may do with the template what they may do elsewhere."""
    grant = get(template, perm_id)
    events.record(project.id, actor, template, f"taken from the role {grant.role.name}")
    db.session.delete(grant)


def _given(role: CustomRole, data: GrantIn) -> int:
    given = role.permissions if data.permissions is None else data.permissions
    if beyond := given & ~role.permissions:
        raise Invalid(
            {
                "permissions": f"The role {role.name} gives at most {role.permissions}, "
                f"not {beyond} of {given}"
            }
        )
    return given

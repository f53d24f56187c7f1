"""Why a member may do something, and why not: what the page "Check access" answers."""

from typing import NamedTuple

from app.models import CustomRole, Project, ProjectUser, TaskTemplate
from app.permissions import ALL, AT_TEMPLATE, Permission, Role, given_by
from app.services import project_users, template_roles


class Verdict(NamedTuple):
    """Whether something is allowed, and the sentence that says why."""

    permission: Permission
    allowed: bool
    why: str


def explain(
    project: Project, member: ProjectUser, template: TaskTemplate | None = None
) -> list[Verdict]:
    """What a member may do in a project, or with one template of it: a verdict each permission.

    Whether it is allowed is asked of those that the guard asks; only the words are made here.
    """
    _, _, everywhere = project_users.get_for(member.user, project.id)
    allowed = everywhere
    if template:
        allowed = template_roles.rights_of(member.user, project, everywhere).at(template.id)
    by = _given_at(member, template) if template else []
    return [
        Verdict(bit, bit in allowed, _why(member, bit, by, everywhere))
        for bit in (Permission.VIEW, *(AT_TEMPLATE if template else ALL))
    ]


def _given_at(member: ProjectUser, template: TaskTemplate) -> list[tuple[CustomRole, Permission]]:
    """The custom roles that the member holds and the template has, with what they give there."""
    grants = template_roles.list_for(template)
    return [
        (grant.role, given_by(grant.permissions, grant.role.permissions))
        for grant in grants
        if grant.role in member.custom_roles
    ]


def _why(
    member: ProjectUser,
    bit: Permission,
    by: list[tuple[CustomRole, Permission]],
    everywhere: Permission,
) -> str:
    if member.user.admin:
        return "Administrators of the server may do everything"
    role = Role(member.role).replace("_", " ")
    if bit == Permission.VIEW:
        return "Every member sees the project"
    if bit in everywhere:
        return f"The role {role} gives it in the whole project"
    if names := [custom.name for custom, given in by if bit in given]:
        return f"{', '.join(names)}: held by this member and attached to this template"
    if by:
        names = [custom.name for custom, _ in by]
        return f"Neither the role {role} gives it, nor does {', '.join(names)} at this template"
    return f"The role {role} does not give it, and no custom role adds to it here"

"""Membership: who takes part in a project, and in which role."""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, selectinload

from app.db import db
from app.errors import AlreadyThere, DomainError, Invalid, NotFound
from app.extensions import settings
from app.models import CustomRole, Project, ProjectUser, User
from app.permissions import ALL, Permission, Role
from app.schemas.project_users import ProjectUserIn, RoleIn
from app.services import events, roles
from app.services.references import hold, sorted_by

SORTS = {
    "name": User.name,
    "username": User.username,
    "email": User.email,
    "role": ProjectUser.role,
}


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


def list_for(project: Project, *, sort: str = "", descending: bool = False) -> list[ProjectUser]:
    """The members with their users."""
    query = select(ProjectUser).filter_by(project_id=project.id).join(ProjectUser.user)
    query = query.options(contains_eager(ProjectUser.user), selectinload(ProjectUser.custom_roles))
    return list(db.session.scalars(query.order_by(*sorted_by(SORTS, sort, descending))))


def choices(project: Project) -> list[tuple[int, str]]:
    """Id and name of each member, for a picker."""
    query = select(User.id, User.name).join(ProjectUser).filter_by(project_id=project.id)
    query = query.order_by(func.lower(User.name), User.id)
    return [(row.id, row.name) for row in db.session.execute(query)]


def owners(project: Project) -> list[str]:
    """The names of those who give roles in a project."""
    query = select(User.name).join(ProjectUser, ProjectUser.user_id == User.id)
    found = query.where(ProjectUser.project_id == project.id, ProjectUser.role == Role.OWNER)
    return list(db.session.scalars(found.order_by(User.name)))


def get(project: Project, user_id: int) -> ProjectUser:
    """The membership of a user. Raises NotFound."""
    query = select(ProjectUser).filter_by(project_id=project.id, user_id=user_id)
    member = db.session.scalar(query)
    if member is None:
        raise NotFound(f"User {user_id} is no member of this project")
    return member


def add(project: Project, data: ProjectUserIn, *, actor: User | None) -> ProjectUser:
    """Raises Invalid for an unknown user or role, AlreadyThere for one who is a member."""
    user = db.session.get(User, data.user_id)
    if user is None:
        raise Invalid({"user_id": f"There is no user {data.user_id}"})
    held = roles.chosen(project, data.roles or [])
    member = ProjectUser(project_id=project.id, user_id=user.id, role=data.role, custom_roles=held)
    try:
        with db.session.begin_nested():
            db.session.add(member)
    except IntegrityError as error:
        raise AlreadyThere(f"{user.name} is a member of this project already") from error
    events.record(project.id, actor, user, "added to team", name=f"ID {user.id}")
    return member


def update(project: Project, user_id: int, data: RoleIn, *, actor: User) -> ProjectUser:
    """Give a member another role. Raises Invalid for one's own, unless one is an administrator.

    Custom roles are replaced if the data name some, or none; without the field they stay.
    """
    member = get(project, user_id)
    if member.user_id == actor.id and not actor.admin:
        raise Invalid({"role": "You cannot change your own role"})
    if data.role != Role.OWNER:
        _keep_an_owner(member, "role")
    member.role = data.role
    if data.roles is not None:
        hold(member)
        member.custom_roles = roles.chosen(project, data.roles)
    words = [data.role, *(role.name for role in member.custom_roles)]
    events.record(
        project.id, actor, member.user, f"is now {', '.join(words)}", name=f"ID {user_id}"
    )
    return member


def change_roles(
    project: Project, user_id: int, *, given: set[str], taken: set[str], actor: User
) -> None:
    """Let a member hold these custom roles, by their slugs, and those no longer; others stay.

    Raises Invalid for a role to be given that the project does not have, NotFound.
    """
    member = get(project, user_id)
    hold(member)
    new = roles.chosen(project, sorted(given))
    kept = [role for role in member.custom_roles if role.slug not in taken and role not in new]
    member.custom_roles = kept + new
    names = ", ".join(role.name for role in member.custom_roles) or "none"
    events.record(project.id, actor, member.user, f"holds the roles {names}", name=f"ID {user_id}")


def give_role(
    project: Project, role: CustomRole, *, given: set[int], taken: set[int], actor: User
) -> None:
    """Let these users hold a custom role, and those no longer; others stay as they are.

    Raises Invalid for one to be given it who is no member.
    """
    _hold_all(project)
    members = {member.user_id: member for member in list_for(project)}
    if strange := given - set(members):
        raise Invalid({"users": f"User {min(strange)} is no member of this project"})
    for user_id, member in members.items():
        if user_id in given and role not in member.custom_roles:
            member.custom_roles.append(role)
            verb = f"now holds the role {role.name}"
        elif user_id in taken and role in member.custom_roles:
            member.custom_roles.remove(role)
            verb = f"no longer holds the role {role.name}"
        else:
            continue
        events.record(project.id, actor, member.user, verb, name=f"ID {user_id}")


def _hold_all(project: Project) -> None:
    """Of two who change what members hold one waits, and sees what the other has stored."""
    query = select(ProjectUser.id).filter_by(project_id=project.id).order_by(ProjectUser.id)
    db.session.execute(query.with_for_update())


def remove(project: Project, user_id: int, *, actor: User) -> None:
    """Raises Invalid for oneself, unless one is an administrator."""
    member = get(project, user_id)
    if member.user_id == actor.id and not actor.admin:
        raise Invalid({"user_id": "You cannot remove yourself; leave the project instead"})
    _keep_an_owner(member, "user_id")
    _end(project, member, actor, "removed from team")


def leave(project: Project, *, actor: User) -> None:
    """End one's own membership. Raises Invalid for who is bound to it (`bound`)."""
    member = get(project, actor.id)
    if why := bound(member):
        raise Invalid({"role": why})
    _keep_an_owner(member, "role")
    _end(project, member, actor, "left team")


def bound(member: ProjectUser) -> str:
    """Why somebody does not leave a project by himself; "" if he may."""
    if member.user.admin:
        return ""
    if member.role == Role.OWNER:
        return "An owner cannot leave the project"
    if not settings().TEAMS_MEMBERS_CAN_LEAVE:
        return "Members do not leave projects of this server: an owner removes them"
    return ""


def last_owner(members: list[ProjectUser]) -> ProjectUser | None:
    """The one without whom a project would have no owner."""
    found = [member for member in members if member.role == Role.OWNER]
    return found[0] if len(found) == 1 else None


def refuse_last_owner(user: User) -> None:
    """Raise DomainError, naming the projects that nobody would own without this user."""
    mine = select(ProjectUser.project_id).filter_by(user_id=user.id, role=Role.OWNER)
    owners = select(ProjectUser).where(
        ProjectUser.project_id.in_(mine), ProjectUser.role == Role.OWNER
    )
    rows = db.session.scalars(owners.order_by(ProjectUser.id).with_for_update()).all()
    shared = {row.project_id for row in rows if row.user_id != user.id}
    alone = sorted({row.project_id for row in rows} - shared)
    if alone:
        names = db.session.scalars(select(Project.name).where(Project.id.in_(alone[:5])))
        raise DomainError(
            f"{user.username} is the last owner of {', '.join(sorted(names))}: "
            "make somebody else an owner first"
        )


def _keep_an_owner(member: ProjectUser, field: str) -> None:
    """Refuse to lose the last owner: nobody of the project could give roles any more.

    The rows are locked, so that two who go at the same time do not count on each other.
    """
    query = select(ProjectUser.user_id).filter_by(project_id=member.project_id, role=Role.OWNER)
    owners = db.session.scalars(query.order_by(ProjectUser.id).with_for_update()).all()
    if list(owners) == [member.user_id]:
        raise Invalid({field: "A project keeps an owner: make somebody else one first"})


def _end(project: Project, member: ProjectUser, actor: User, verb: str) -> None:
    events.record(project.id, actor, member.user, verb, name=f"ID {member.user_id}")
    db.session.delete(member)

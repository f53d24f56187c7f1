"""The cast, projects, and who may do what in them."""

from functools import cache
from typing import Any

from sqlalchemy import select

from app.db import db, transaction
from app.lib import passwords
from app.models import CustomRole, Project, ProjectUser, TaskTemplate, TemplateRole, User
from app.permissions import Role
from tests.factories.rows import add

PASSWORD = "correct horse battery"
ROLES = {
    "alice": Role.OWNER,
    "bob": Role.MANAGER,
    "carol": Role.TASK_RUNNER,
    "dave": Role.GUEST,
}


def user(name: str, **values: Any) -> User:
    given = {"name": name.capitalize(), "email": f"{name}@example.test", "password": ""}
    return add(User(username=name, **given | values))


def cast() -> dict[str, User]:
    with transaction():
        people = {name: user(name) for name in (*ROLES, "mallory")}
        return people | {"root": user("root", admin=True)}


def project(name: str = "Alice's project", **values: Any) -> Project:
    return add(Project(name=name, **values))


def project_of(people: dict[str, User]) -> Project:
    with transaction():
        made = project()
        db.session.flush()  # for its id
        for name, role in ROLES.items():
            db.session.add(ProjectUser(project_id=made.id, user_id=people[name].id, role=role))
    return made


def member(project: Project, user: User, role: str) -> ProjectUser:
    return add(ProjectUser(project_id=project.id, user_id=user.id, role=role))


def role(project: Project | None, slug: str, permissions: int = 5) -> CustomRole:
    """A custom role of a project, or (None) of all projects."""
    where = {"project_id": project.id, "scope": project.id} if project else {}
    name = slug.capitalize()
    return add(CustomRole(slug=slug, name=name, permissions=permissions, **where))


def attached(template: TaskTemplate, role: CustomRole, permissions: int = 5) -> TemplateRole:
    return add(TemplateRole(template_id=template.id, role_id=role.id, permissions=permissions))


def holds(project: Project, user: User, *roles: CustomRole) -> None:
    """A member has these custom roles, and no others."""
    query = select(ProjectUser).filter_by(project_id=project.id, user_id=user.id)
    with transaction():
        db.session.scalars(query).one().custom_roles = list(roles)


@cache
def password_hash() -> str:
    """The hash of PASSWORD; making it takes a while."""
    return passwords.hash_password(PASSWORD)

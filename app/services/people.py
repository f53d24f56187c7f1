"""Users as administrators look at them, and how a colleague gets in."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.db import db, transaction
from app.errors import Invalid
from app.models import Project, ProjectUser, Session, User
from app.schemas.members import ColleagueIn, MemberIn
from app.schemas.project_users import ProjectUserIn
from app.services import project_users, users

SHOWN = 200  # users in a list; whoever looks for others searches
PASSWORD_BYTES = 15  # of a password that is made: 20 letters


@dataclass(frozen=True)
class Person:
    """A user with the number of projects, and when he was last seen."""

    user: User
    projects: int
    seen: datetime | None


def find(text: str) -> tuple[list[Person], bool]:
    """The users that match a text, by name, and whether there are more than are shown."""
    found = users.search(text, limit=SHOWN + 1)
    shown = found[:SHOWN]
    ids = [user.id for user in shown]
    projects: dict[int, int] = dict(db.session.execute(_projects(ids)).all())
    seen = last_seen(ids)
    people = [Person(user, projects.get(user.id, 0), seen.get(user.id)) for user in shown]
    return people, len(found) > SHOWN


def last_seen(ids: list[int]) -> dict[int, datetime]:
    """When users were last seen in a browser or program that is still signed in."""
    query = select(Session.user_id, func.max(Session.last_active))
    query = query.where(Session.user_id.in_(ids)).group_by(Session.user_id)
    return dict(db.session.execute(query).all())


def welcome(data: ColleagueIn, *, actor: User) -> tuple[User, str]:
    """Make a user, and a member of a project if one was chosen; returns his password, if it was
    made here. Opens a transaction of its own, once the password is hashed.

    Raises Invalid that names the field.
    """
    made = "" if data.password else secrets.token_urlsafe(PASSWORD_BYTES)
    filled = data.model_copy(update={"password": data.password or made})
    hashed = users.hash_of(filled)
    with transaction():
        project = _project(data)
        user = users.create(filled, actor=actor, hashed=hashed)
        if project is not None:
            membership = ProjectUserIn(user_id=user.id, role=data.role)
            project_users.add(project, membership, actor=actor)
    return user, made


def join(project: Project, data: MemberIn, *, actor: User) -> ProjectUser:
    """Let somebody who has an account take part. Raises Invalid if nobody is called so."""
    user = users.find(data.person)
    if user is None:
        raise Invalid({"person": f"Nobody signs in as {data.person}"})
    if any(member.user_id == user.id for member in project_users.list_for(project)):
        raise Invalid({"person": f"{user.name} is a member already"})
    return project_users.add(project, ProjectUserIn(user_id=user.id, role=data.role), actor=actor)


def _project(data: ColleagueIn) -> Project | None:
    if data.project_id is None:
        return None
    project = db.session.get(Project, data.project_id)
    if project is None:
        raise Invalid({"project_id": f"There is no project {data.project_id}"})
    return project


def _projects(ids: list[int]) -> Select[Any, Any]:
    query = select(ProjectUser.user_id, func.count()).where(ProjectUser.user_id.in_(ids))
    return query.group_by(ProjectUser.user_id)

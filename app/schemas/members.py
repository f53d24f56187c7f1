"""What the pages send about people: members of a project, users of the server."""

from typing import Annotated

from pydantic import field_validator

from app.permissions import Role
from app.schemas.base import Input, Line, Reference, filled, reason
from app.schemas.users import MIN_PASSWORD, ChosenEmail, PersonIn, UserChange


class MemberIn(Input):
    """Somebody who joins: named as he signs in."""

    person: Annotated[Line, filled("Name a user: the username or the e-mail address")] = ""
    role: Role = Role.GUEST


class ColleagueIn(PersonIn):
    """A new user, and the project he starts in. Without a password one is made."""

    project_id: Reference = None
    role: Role = Role.TASK_RUNNER

    @field_validator("password")
    @classmethod
    def be_long_enough_or_empty(cls, value: str) -> str:
        return _checked(value)


class UserEdit(UserChange):
    """A user as administrators change him; an empty password stays."""

    email: ChosenEmail = ""

    @field_validator("password")
    @classmethod
    def be_long_enough_or_empty(cls, value: str) -> str:
        return _checked(value)


def _checked(value: str) -> str:
    if value and len(value) < MIN_PASSWORD:
        raise reason(f"At least {MIN_PASSWORD} characters, or none")
    return value

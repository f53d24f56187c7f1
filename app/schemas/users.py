from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from app.schemas.base import Input, Line, Output, Text, filled


def _lower(value: str) -> str:
    return value.strip().lower()


# What one signs in with is compared lower-case, so it is stored lower-case.
Username = Annotated[Line, filled("Username cannot be empty"), AfterValidator(_lower)]
Email = Annotated[Line, filled("Email cannot be empty"), AfterValidator(_lower)]
Name = Annotated[Line, filled("Name cannot be empty")]


class UserChange(Input):
    """A user as an administrator or the user himself changes him; no password: it stays."""

    username: Username = ""
    email: Email = ""
    name: Name = ""
    admin: bool = False
    alert: bool = False
    password: Text = ""


class UserIn(UserChange):
    """A new user; without a password he cannot sign in with one."""

    external: bool = False


class PasswordIn(Input):
    password: Text = ""


class SignIn(Input):
    """`auth` is a username or an e-mail address."""

    auth: Text = ""
    password: Text = ""


class UserBrief(Output):
    """What everybody may know of a user."""

    id: int
    username: str
    name: str


class UserOut(UserBrief):
    created: datetime
    email: str
    admin: bool
    external: bool
    alert: bool


class AccountOut(UserOut):
    """The user who asks."""

    can_create_project: bool = Field(default=False)

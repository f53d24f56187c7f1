from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from app.schemas.base import Input, Line, Output, Text, filled, reason


def _lower(value: str) -> str:
    return value.strip().lower()


# What one signs in with is compared lower-case (services.auth.called), so it is stored lower-case.
Username = Annotated[Line, filled("Username cannot be empty"), AfterValidator(_lower)]
Email = Annotated[Line, filled("Email cannot be empty"), AfterValidator(_lower)]
Name = Annotated[Line, filled("Name cannot be empty")]

MIN_PASSWORD = 12


def _address(value: str) -> str:
    """An administrator of the set-up has …@localhost: a domain needs no dot."""
    before, _, after = value.rpartition("@")
    if not (before and after) or "@" in before or len(value.split()) > 1:
        raise reason("Must be an e-mail address: name@example.com")
    return value


def _long_enough(value: str) -> str:
    if len(value) < MIN_PASSWORD:
        raise reason(f"At least {MIN_PASSWORD} characters")
    return value


# What pages and commands take; the API also takes what clients of the original send.
ChosenEmail = Annotated[Email, AfterValidator(_address)]
ChosenPassword = Annotated[Text, AfterValidator(_long_enough)]


class UserChange(Input):
    """A user as an administrator or the user himself changes him; no password: it stays."""

    username: Username = ""
    """What one signs in with."""
    email: Email = ""
    """One can sign in with it, too."""
    name: Name = ""
    """What others see."""
    admin: bool = False
    """May do everything, in every project."""
    alert: bool = False
    """Kept for the time when the server has channels for alerts."""
    password: Text = Field(default="", repr=False)
    """A new one; empty: it stays."""


class UserIn(UserChange):
    """A new user; without a password he cannot sign in with one."""

    external: bool = False
    """Signs in elsewhere and has no password here."""


class PersonIn(UserIn):
    """A new user as a command makes him; his password is checked where he gets one."""

    email: ChosenEmail = ""


class PersonChange(Input):
    """What a command changes of a user. The rest stays, also if it is older than these rules."""

    username: Username | None = None
    name: Name | None = None
    email: ChosenEmail | None = None
    password: ChosenPassword | None = None


class PasswordIn(Input):
    password: Text = ""
    """The new one."""


class SignIn(Input):
    """`auth` is a username or an e-mail address."""

    auth: Text = ""
    """The username or the e-mail address."""
    password: Text = ""
    """The password."""


class RefreshIn(Input):
    refresh_token: Text = ""
    """That of the pair that one has."""


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

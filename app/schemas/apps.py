import re
from typing import Annotated

from pydantic import AfterValidator, Field

from app.schemas.base import Count, Input, Line, Output, Text, reason

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
COLOR = re.compile(r"(#[0-9A-Fa-f]{3,8}|[a-z]{3,20})?")


def _color(value: str) -> str:
    if not COLOR.fullmatch(value):
        raise reason("Must be a colour such as #1f6feb")
    return value


Color = Annotated[str, Field(max_length=32), AfterValidator(_color)]


class AppIn(Input):
    """What a template may run. Of an app that is built in, empty means what it has by itself."""

    title: Line = ""
    """What people call it."""
    icon: Line = ""
    """The icon of the original's pages."""
    color: Color = ""
    """Of the icon, #1f6feb or a name."""
    dark_color: Color = ""
    """The same on a dark page."""
    active: bool = False
    """Whether it is offered for new templates."""
    priority: Count = 0
    """Its place in lists: the largest first."""
    path: Annotated[Line, Field(max_length=255)] = ""
    """The program, if it is not found by its name."""
    args: Annotated[list[Text], Field(max_length=100)] = []
    """Arguments before those of a template."""


class AppActiveIn(Input):
    active: bool = False
    """Whether it is offered for new templates."""


class AppOut(Output):
    active: bool
    priority: int
    title: str
    icon: str
    color: str
    dark_color: str
    path: str
    args: list[str]


class ListedAppOut(AppOut):
    id: str

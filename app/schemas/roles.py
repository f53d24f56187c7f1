import re
from typing import Annotated

from pydantic import AfterValidator, Field

from app.permissions import ALL, Role
from app.schemas.base import Input, Line, Output, filled, reason

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# Built-in roles, and words that stand in an address where slugs do.
RESERVED = frozenset((*Role, "all", "new"))


def _slug(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise reason("Must be at most 64 small letters, digits, - and _: release-team")
    if value in RESERVED:
        raise ValueError(f"Role slug is reserved and cannot be used: {value}")
    return value


def _name(value: str) -> str:
    """A custom role must not be taken for a built-in one."""
    if re.sub(r"[\s_-]+", "_", value.strip().casefold()) in list(Role):
        raise ValueError(f"Role name is reserved and cannot be used: {value}")
    return value


def slug_of(name: str) -> str:
    """A slug for a name, "" where the name has nothing to make one of."""
    words = re.findall(r"[a-z0-9]+", name.casefold())
    return "-".join(words)[:64].rstrip("-")


Bits = Annotated[int, Field(ge=0, le=int(ALL))]


class RoleChangeIn(Input):
    """A custom role without its slug, which stays as it is."""

    name: Annotated[Line, filled("Role name cannot be empty"), AfterValidator(_name)] = ""
    """What people call it."""
    permissions: Bits = 0
    """The sum of 1 run, 2 project, 4 resources, 8 members."""


class CustomRoleIn(RoleChangeIn):
    slug: Annotated[Line, filled("Role slug cannot be empty"), AfterValidator(_slug)] = ""
    """What requests call it; it never changes."""


class CustomRoleOut(Output):
    """A custom role; without `project_id` it is one of all projects."""

    slug: str
    name: str
    permissions: int
    project_id: int | None


class SlugIn(Input):
    """The slug that a body repeats from its URL; "": it does not."""

    slug: str = ""
    """That of the URL."""

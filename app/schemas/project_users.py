from typing import Any

from pydantic import AliasPath, Field, field_validator

from app.permissions import Role
from app.schemas.base import Id, Input, Line, Output


class RoleIn(Input):
    """A member's built-in role, and the slugs of the custom roles beside it.

    `roles` are ours: clients that do not know them keep them.
    """

    role: Role
    """The built-in role."""
    roles: list[Line] | None = None
    """Slugs of the custom roles beside it."""


class ProjectUserIn(RoleIn):
    user_id: Id
    """Who takes part."""


class ProjectUserOut(Output):
    """A member; `id` is the user's. `roles` are there if there are any."""

    id: int = Field(validation_alias="user_id")
    username: str = Field(validation_alias=AliasPath("user", "username"))
    name: str = Field(validation_alias=AliasPath("user", "name"))
    role: str
    roles: list[str] | None = Field(None, validation_alias="custom_roles")

    @field_validator("roles", mode="before")
    @classmethod
    def name_them(cls, value: Any) -> list[str] | None:
        return [role.slug for role in value or ()] or None

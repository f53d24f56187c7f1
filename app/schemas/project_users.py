from pydantic import AliasPath, Field

from app.permissions import Role
from app.schemas.base import Id, Input, Output


class RoleIn(Input):
    role: Role


class ProjectUserIn(RoleIn):
    user_id: Id


class ProjectUserOut(Output):
    """A member; `id` is the user's."""

    id: int = Field(validation_alias="user_id")
    username: str = Field(validation_alias=AliasPath("user", "username"))
    name: str = Field(validation_alias=AliasPath("user", "name"))
    role: str

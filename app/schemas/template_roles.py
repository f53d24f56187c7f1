from typing import Annotated

from pydantic import AliasPath, Field

from app.schemas.base import Input, Line, Output, filled
from app.schemas.roles import Bits


class GrantIn(Input):
    """What holders of a role may do with a template; without `permissions` all that it gives."""

    permissions: Bits | None = None
    """The sum of 1 run, 4 change; without it all that the role gives."""


class TemplateRoleIn(GrantIn):
    role_slug: Annotated[Line, filled("Say which role: role_slug")] = ""
    """Which role."""


class TemplateRoleOut(Output):
    id: int
    role_slug: str = Field(validation_alias=AliasPath("role", "slug"))
    template_id: int
    project_id: int = Field(validation_alias=AliasPath("template", "project_id"))
    permissions: int

from datetime import datetime

from pydantic import AliasPath, Field

from app.schemas.base import Output


class EventOut(Output):
    project_id: int | None
    user_id: int | None
    object_id: int | None
    object_type: str | None
    object_name: str
    description: str
    created: datetime
    project_name: str | None = Field(None, validation_alias=AliasPath("project", "name"))
    username: str | None = Field(None, validation_alias=AliasPath("user", "username"))

from typing import Annotated

from pydantic import ValidationInfo, field_validator

from app.models import InventoryType
from app.schemas.base import Input, Line, Output, Reference, Text, filled, is_inside, reason


class InventoryIn(Input):
    """Hosts, the path of a file in a repository, or the name of a workspace."""

    name: Line = ""
    type: str = ""
    inventory: Text = ""
    ssh_key_id: Reference = None
    become_key_id: Reference = None
    repository_id: Reference = None
    template_id: Reference = None
    runner_tag: Line | None = None

    @field_validator("type")
    @classmethod
    def be_a_type(cls, value: str) -> str:
        if value not in list(InventoryType):
            raise ValueError("Not supported inventory type")
        return value

    @field_validator("inventory")
    @classmethod
    def stay_inside_the_repository(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("type") == InventoryType.FILE and not is_inside(value):
            raise ValueError("Invalid inventory file pathname. Must be: path/to/inventory.")
        return value


class NamedInventoryIn(InventoryIn):
    """What a page stores; clients of the API may leave out more."""

    name: Annotated[Line, filled("An inventory needs a name")] = ""

    @field_validator("inventory")
    @classmethod
    def be_named(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("type") == InventoryType.FILE and not value.strip():
            raise reason("Name the file: path/to/inventory")
        return value


class InventoryOut(Output):
    id: int
    name: str
    project_id: int
    inventory: str
    type: str
    ssh_key_id: int | None
    become_key_id: int | None
    repository_id: int | None
    template_id: int | None
    runner_tag: str | None

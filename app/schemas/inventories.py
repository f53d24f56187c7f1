import re
from typing import Annotated

from pydantic import ValidationInfo, field_validator

from app.models import WORKSPACES, InventoryType
from app.schemas.base import Input, Line, Output, Reference, Text, filled, is_inside, reason

# What all tools take; none begins like an option, or is a directory on the way up.
NAME_OF_WORKSPACE = re.compile(r"\w[\w.~$&+=:@-]*", re.ASCII)


def a_workspace(value: str) -> str:
    """A name, or a refusal of it."""
    if not NAME_OF_WORKSPACE.fullmatch(value):
        raise reason("Letters, digits and -_.~$&+=:@ only, a letter or digit first")
    return value


class InventoryIn(Input):
    """Hosts, the path of a file in a repository, or the name of a workspace."""

    name: Line = ""
    """What people call it."""
    type: str = ""
    """What `inventory` is: static, static-yaml, file, or a workspace of a tool."""
    inventory: Text = ""
    """The hosts, the path of their file, or the name of the workspace."""
    ssh_key_id: Reference = None
    """The key for the hosts."""
    become_key_id: Reference = None
    """The key with the password for sudo and the like."""
    repository_id: Reference = None
    """Where the file is, if not in the template's repository."""
    template_id: Reference = None
    """The template whose workspace it is; a change that names none leaves it there."""
    runner_tag: Line | None = None
    """Kept for clients; no worker serves tags yet."""

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
        if info.data.get("type") in WORKSPACES and value.strip():  # none: the tool's default
            return a_workspace(value)
        return value


class WorkspaceIn(Input):
    """A new workspace of a template."""

    workspace: Annotated[Line, filled("A workspace needs a name")] = ""
    """Its name, as the tool knows it."""
    ssh_key_id: Reference = None
    """The key that opens private modules."""

    @field_validator("workspace")
    @classmethod
    def be_a_workspace(cls, value: str) -> str:
        return a_workspace(value)


class AttachIn(Input):
    inventory_id: Reference = None
    """The workspace that the template shall hold."""


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

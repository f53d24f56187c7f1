from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import from_json

from app.lib.json_objects import NOT_FINITE, holds_nul, is_finite
from app.schemas.base import Id, Input, Line, Output, Text, filled, reason

# What a secret of a group becomes -> whose the stored key is (AccessKey.owner).
OWNERS = {"var": "variable", "env": "environment"}
KINDS = {owner: kind for kind, owner in OWNERS.items()}

NOT_VARIABLES = "Extra variables must be valid JSON"
NOT_ENVIRONMENT = "Environment variables must be valid JSON"


def _object(text: str, message: str) -> dict[str, Any]:
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError(message) from error
    if not isinstance(found, dict):
        raise reason("Must be a JSON object of names and values")
    return found


def _variables(text: str) -> str:
    text = text.strip() or "{}"
    for name, value in _object(text, NOT_VARIABLES).items():
        if holds_nul({name: value}):
            raise reason(f"{name!r} contains the character NUL")
        if not is_finite(value):
            raise reason(f"{name!r}: {NOT_FINITE}")
    return text


def _process_environment(text: str) -> str | None:
    if not text.strip():
        return None
    for name, value in _object(text, NOT_ENVIRONMENT).items():
        check_variable_name(name)
        if isinstance(value, dict | list):
            raise reason(f"{name} must be a text, a number or a boolean")
        if "\0" in str(value):
            raise reason(f"{name} contains the character NUL")
    return text


def check_variable_name(name: str) -> None:
    """Refuse what no process can have as the name of a variable."""
    if not name.strip():
        raise reason("The name of a variable can not be empty")
    if "=" in name or not name.isprintable():
        raise reason(f"The name {name!r} must not contain “=” or control characters")


class SecretIn(Input):
    """What to do with one secret; without an operation nothing."""

    id: Id = 0
    """Which secret is updated or deleted."""
    name: Line = ""
    """The variable."""
    secret: Text = ""
    """Its value; it is never shown again."""
    type: Literal["", "var", "env"] = ""
    """Where it goes: var, to the tool; env, to the environment of its process."""
    operation: Literal["", "create", "update", "delete"] = ""
    """What to do; without it nothing happens."""


class EnvironmentIn(Input):
    """A variable group. `json` and `env` are texts that hold JSON."""

    name: Annotated[Line, filled("Environment name can not be empty")] = ""
    """What people call the group."""
    password: Text | None = None
    """Kept for clients; no run reads it."""
    variables: Annotated[Text, AfterValidator(_variables)] = Field("{}", alias="json")
    """Variables of the tool: a JSON object as a text."""
    env: Annotated[Text, AfterValidator(_process_environment)] | None = None
    """Variables of its process: a JSON object as a text."""
    secrets: list[SecretIn] = []
    """What becomes of its secrets; others stay."""


class SecretOut(Output):
    """A secret's name; its value is never shown."""

    id: int
    name: str
    type: str = Field(validation_alias="owner")
    secret: Literal[""] = Field("", validation_alias="nothing")

    @field_validator("type")
    @classmethod
    def name_its_use(cls, owner: str) -> str:
        return KINDS[owner]


class EnvironmentItem(Output):
    """A group in a list, which does not tell if it has secrets.

    `password` is shown to nobody but those who may change the group: see `for_others`.
    """

    id: int
    name: str
    project_id: int
    password: str | None
    variables: str = Field(alias="json")
    env: str | None

    def for_others(self) -> Self:
        """What those see who may not change it."""
        return self.model_copy(update={"password": None})


class EnvironmentOut(EnvironmentItem):
    """A group by itself, with the names of its secrets."""

    secrets: list[SecretOut]

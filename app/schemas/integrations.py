"""Integrations: what a request from outside starts, on which conditions, with what of it."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from app.schemas.base import Count, Input, Line, Output, Reference, Text, filled, reason
from app.schemas.tasks import TaskIn

AUTH_METHODS = ("", "none", "token", "hmac", "hmac_sha512", "github", "bitbucket", "basic")
NO_NAME = "No Name set for integration"
NO_SECRETS = "An integration keeps no secret answers: put them into the template's variables"

Source = Literal["", "body", "header", "query"]
DataType = Literal["", "json", "string"]


def _known(value: str) -> str:
    if value not in AUTH_METHODS:
        raise reason(f"Must be one of {', '.join(filter(None, AUTH_METHODS))}")
    return value


def _startable(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """Each parameter has the type that a start wants; whether it may be given is found then."""
    try:
        given = TaskIn.model_validate(value or {}, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise reason(f"{name}: {first['msg']}") from error
    if any(given.secret_answers.values()):
        raise reason(NO_SECRETS)
    return value


class IntegrationIn(Input):
    """`task_params` are parameters of a start; a PUT without them clears them."""

    name: Annotated[Line, filled(NO_NAME)] = ""
    template_id: Reference = None
    auth_method: Annotated[
        str, AfterValidator(_known), Field(json_schema_extra={"enum": [*AUTH_METHODS]})
    ] = ""
    auth_secret_id: Reference = None
    auth_header: Line = ""
    searchable: bool = False
    task_params: Annotated[dict[str, Any] | None, AfterValidator(_startable)] = None
    # Ours; without them a PUT leaves them as they are.
    when_waiting: Literal["queue", "skip", "replace"] | None = None
    per_minute: Count | None = None


class IntegrationOut(Output):
    id: int
    name: str
    project_id: int
    template_id: int
    auth_method: str
    auth_secret_id: int | None
    auth_header: str
    searchable: bool
    task_params: dict[str, Any] | None
    when_waiting: str
    per_minute: int

    @model_serializer(mode="wrap")
    def leave_out_the_unset(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The document allows null for the key, and clients expect the name."""
        shown = handler(self)
        return {k: v for k, v in shown.items() if v is not None or k == "auth_secret_id"}


class MatcherIn(Input):
    """A condition; the order of its checks is the one clients know."""

    name: Line = ""
    match_type: Source = ""
    method: Literal["", "equals", "unequals", "contains"] = ""
    body_data_type: DataType = ""
    key: Annotated[str, Field(max_length=1024)] = ""
    value: Text = ""

    @model_validator(mode="after")
    def be_complete(self) -> "MatcherIn":
        missing = (
            (self.match_type, "No Match Type set"),
            (self.key or (self.match_type == "body" and self.body_data_type == "string"),
             "No key set"),
            (self.value, "No value set"),
            (self.name.strip(), NO_NAME),
            (self.method, "No method set"),
        )  # fmt: skip
        for value, message in missing:
            if not value:
                raise ValueError(message)
        return self


class MatcherOut(Output):
    id: int
    integration_id: int
    name: str
    match_type: str
    method: str
    body_data_type: str
    key: str
    value: str


class ExtractValueIn(Input):
    """A value of a request that a run gets; an empty `variable` is its name."""

    name: Line = ""
    value_source: Source = ""
    body_data_type: DataType = ""
    key: Annotated[str, Field(max_length=1024)] = ""
    variable: Line = ""
    variable_type: Annotated[
        Literal["", "environment", "task"], AfterValidator(lambda kind: kind or "environment")
    ] = ""

    @model_validator(mode="after")
    def be_complete(self) -> "ExtractValueIn":
        if message := self._missing():
            raise ValueError(message)
        return self

    def _missing(self) -> str:
        if not self.value_source:
            return "No Value Source defined"
        if not self.name.strip():
            return NO_NAME
        if self.value_source != "body":
            return "" if self.key else "Value Source set but no Key set"
        if not self.body_data_type:
            return "Value Source but no body data type set"
        if self.body_data_type == "json" and not self.key:
            return "No Key set for JSON Body Data extraction."
        return ""


class ExtractValueOut(Output):
    id: int
    integration_id: int
    name: str
    value_source: str
    body_data_type: str
    key: str
    variable: str
    variable_type: str


class AliasOut(Output):
    id: int
    url: str


class IntegrationIdentity(Input):
    """The ids that the body of a matcher or a value may repeat; 0: it does not."""

    id: int = 0
    integration_id: int = 0

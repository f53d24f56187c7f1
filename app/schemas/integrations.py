"""Integrations: what a request from outside starts, on which conditions, with what of it."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from app.schemas.base import Count, Input, Line, Missing, Output, Reference, Text, filled, reason
from app.schemas.tasks import TaskIn

AUTH_METHODS = (
    "",
    "none",
    "token",
    "hmac",
    "hmac_sha512",
    "github",
    "bitbucket",
    "standard",
    "basic",
)
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

    NEEDED = ("name", "template_id")

    name: Annotated[Line, filled(NO_NAME, "name")] = ""
    """What people call it."""
    template_id: Reference = None
    """What it runs."""
    auth_method: Annotated[
        str, AfterValidator(_known), Field(json_schema_extra={"enum": [*AUTH_METHODS]})
    ] = ""
    """How the sender proves itself."""
    auth_secret_id: Reference = None
    """The key of type login_password that holds the sender's secret."""
    auth_header: Line = ""
    """The header that carries token or signature."""
    searchable: bool = False
    """Whether requests to an address of the whole project are for it, too."""
    task_params: Annotated[dict[str, Any] | None, AfterValidator(_startable)] = None
    """Parameters of its runs, as in a start."""
    # Ours; without them a PUT leaves them as they are.
    when_waiting: Literal["queue", "skip", "replace"] | None = None
    """What becomes of a request while a run of it waits."""
    per_minute: Count | None = None
    """Runs a minute at most; 0: no limit."""


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
    """What people call it."""
    match_type: Source = ""
    """Where to look."""
    method: Literal["", "equals", "unequals", "contains"] = ""
    """How to compare."""
    body_data_type: DataType = ""
    """How the body is read."""
    key: Annotated[str, Field(max_length=1024)] = ""
    """A path in the body, the name of a header, or of a part of the query."""
    value: Text = ""
    """What it is compared with."""

    @model_validator(mode="before")
    @classmethod
    def be_the_right_way_round(cls, given: Any) -> Any:
        """Some clients say where to look as `method`, and how to compare as `match_type`."""
        if isinstance(given, dict) and given.get("method") in get_args(Source)[1:]:
            return given | {"match_type": given["method"], "method": given.get("match_type", "")}
        return given

    @model_validator(mode="after")
    def be_complete(self) -> "MatcherIn":
        is_whole = self.match_type == "body" and self.body_data_type == "string"
        wanted = (
            ("match_type", self.match_type, "No Match Type set"),
            ("key", self.key or is_whole, "No key set"),
            ("value", self.value, "No value set"),
            ("name", self.name.strip(), NO_NAME),
            ("method", self.method, "No method set"),
        )
        missing = [(name, message) for name, value, message in wanted if not value]
        if missing:
            raise Missing(missing[0][1], *[name for name, _ in missing])
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
    """What people call it."""
    value_source: Source = ""
    """Where it comes from."""
    body_data_type: DataType = ""
    """How the body is read."""
    key: Annotated[str, Field(max_length=1024)] = ""
    """A path in the body, the name of a header, or of a part of the query."""
    variable: Line = ""
    """What it is called in the run; empty: as here."""
    variable_type: Annotated[
        Literal["", "environment", "task"], AfterValidator(lambda kind: kind or "environment")
    ] = ""
    """Whether it answers the survey (environment) or is a parameter (task)."""

    @model_validator(mode="after")
    def be_complete(self) -> "ExtractValueIn":
        missing = dict(self._missing())
        if missing:
            raise Missing(next(iter(missing.values())), *missing)
        return self

    def _missing(self) -> Iterator[tuple[str, str]]:
        """What must be filled in, with what clients know of it; the first is told them."""
        if not self.value_source:
            yield "value_source", "No Value Source defined"
        if not self.name.strip():
            yield "name", NO_NAME
        if self.value_source in ("header", "query") and not self.key:
            yield "key", "Value Source set but no Key set"
        if self.value_source == "body" and not self.body_data_type:
            yield "body_data_type", "Value Source but no body data type set"
        if self.value_source == "body" and self.body_data_type == "json" and not self.key:
            yield "key", "No Key set for JSON Body Data extraction."


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
    """That of the URL; what is made has none yet."""
    integration_id: int = 0
    """That of the URL."""

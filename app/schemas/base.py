"""What all schemas share: how clients' JSON and pages' forms are read, how rows are shown."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.lib.whole_numbers import LARGEST

MAX_TEXT = 1024 * 1024  # characters of a field that holds a document
MAX_ID = LARGEST
FIRST_YEAR, LAST_YEAR = 1000, 9998  # each database has them, each zone and the day after exist

D = TypeVar("D", bound=date)


class Input(BaseModel):
    """What comes in: a missing field and null mean the empty value, unknown fields are ignored.

    The text below a field is what the pages of the API say of it (app.api.field_words).

    It checks forms, whose values are texts, and with `strict=True` JSON, whose types count.
    """

    model_config = ConfigDict(validate_default=True)

    NEEDED: ClassVar[tuple[str, ...]] = ()  # what the pages of the API mark, if not by defaults

    @model_validator(mode="before")
    @classmethod
    def read_null_as_missing(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            return {name: value for name, value in data.items() if value is not None}
        return data


class Output(BaseModel):
    """What the API shows of a row. Names that are unset are left out: clients refuse null."""

    model_config = ConfigDict(from_attributes=True)

    @model_serializer(mode="wrap")
    def leave_out_the_unset(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


def reason(text: str) -> PydanticCustomError:
    """A refusal that is shown after the field's name; a ValueError is shown as it stands."""
    return PydanticCustomError("reason", "{text}", {"text": text})


INSIDE = "Must be a path inside the repository: path/to/it"


class Missing(ValueError):
    """What must be filled in is empty. The message is what clients know; `fields` are their names,
    none: the field that was checked."""

    def __init__(self, message: str, *fields: str) -> None:
        super().__init__(message)
        self.fields = fields


class Filled(AfterValidator):
    """A check that its text is more than blanks; the JSON Schema of the text says so."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return handler(schema) | {"pattern": r"\S"}


def filled(message: str, *fields: str) -> AfterValidator:
    """A check that a text is more than blanks, refused in exactly these words; pages have their
    own where the field is named."""

    def check(value: str) -> str:
        if not value.strip():
            raise Missing(message, *fields)
        return value

    return Filled(check)


def _printable(value: str) -> str:
    if not value.isprintable():
        raise reason("Must be one line without control characters")
    return value


def _storable(value: str) -> str:
    if "\0" in value:
        raise reason("Must not contain the character NUL")
    return value


def _nothing_for_zero(value: int | None) -> int | None:
    return value or None


def in_calendar(value: D) -> D:
    """A day or a moment that can be reckoned with; a refusal of those at the edge of all days."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise reason(f"Must be in a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value


def is_inside(path: str) -> bool:
    """Whether a path stays below the repository and is no option of the tool that gets it."""
    parts = PurePosixPath(path)
    return not (parts.is_absolute() or ".." in parts.parts or path.startswith("-"))


def _inside(value: str) -> str:
    if not is_inside(value):
        raise reason(INSIDE)
    return value


# One line, as a name; a document of any lines; an id of another object (0 is what generated
# clients send for none).
Line = Annotated[str, Field(max_length=255), AfterValidator(_printable)]
Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_storable)]
Id = Annotated[int, Field(ge=-MAX_ID, le=MAX_ID)]
Reference = Annotated[Id | None, AfterValidator(_nothing_for_zero)]
AnyPath = Annotated[str, Field(max_length=1024), AfterValidator(_printable)]
Path = Annotated[AnyPath, AfterValidator(_inside)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Day = Annotated[date, AfterValidator(in_calendar)]
Moment = Annotated[datetime, AfterValidator(in_calendar)]

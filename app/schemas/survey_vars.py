"""The questions that a template asks at each start, as clients of the original know them.

Ours beside its fields: `source`, `min`, `max`, `regex`, and the types number, bool, date, time and
datetime.
"""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from app.lib import patterns
from app.schemas import survey_kinds
from app.schemas.base import Input, Line, Text, reason
from app.schemas.survey_kinds import NAME

TARGETS = ("", "env")
SOURCES = {
    "": "The list below",
    "hosts": "Hosts of the inventory",
    "groups": "Groups of the inventory",
    "branches": "Branches of the repository",
    "tags": "Tags of the repository",
}
OURS = ("source", "min", "max", "regex")  # left out where they say nothing


def _name(value: str) -> str:
    if value and not re.fullmatch(NAME, value):
        raise reason("Must be letters, digits and _, as in release_name")
    return value


def _kind(value: str) -> str:
    if value not in survey_kinds.KINDS:
        raise ValueError(f"invalid survey variable type: {value[:80]}")
    return value


def _target(value: str) -> str:
    if value not in TARGETS:
        raise ValueError(f"invalid survey variable target: {value[:80]}")
    return value


def _source(value: str) -> str:
    if value not in SOURCES:
        raise ValueError(f"invalid survey variable source: {value[:80]}")
    return value


def _number_as_text(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _one_of(words: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(words)})


Bound = Annotated[Text, BeforeValidator(_number_as_text)]


class SurveyValue(Input):
    name: Text = ""
    """What people see."""
    value: Text = ""
    """What the run gets."""


class SurveyVar(Input):
    """A question; one without a name, as clients send it, is asked nowhere.

    `target` is "" (an extra variable) or `env` (of the process); `source` says where choices come
    from; `min` and `max` are of the value, of the length of a text, or of the number of choices; a
    `regex` has to match all of a text.
    """

    name: Annotated[
        Line, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^({NAME})?$"})
    ] = ""
    """The variable that gets the answer."""
    title: Line = ""
    """What people are asked."""
    description: Text = ""
    """A sentence below the question."""
    required: bool = False
    """Whether a start needs an answer."""
    type: Annotated[str, AfterValidator(_kind), _one_of(survey_kinds.KINDS)] = ""
    """What kind of answer."""
    values: list[SurveyValue] = []
    """The choices."""
    target: Annotated[str, AfterValidator(_target), _one_of(TARGETS)] = ""
    """Empty: a variable of the tool; env: of its process."""
    source: Annotated[str, AfterValidator(_source), _one_of(SOURCES)] = ""
    """Where choices come from, if not from `values`."""
    min: Bound = ""
    """The smallest value, shortest text, or fewest choices."""
    max: Bound = ""
    """The largest value, longest text, or most choices."""
    regex: Text = ""
    """What all of the text must match."""
    default_value: Text | list[Text] = ""
    """The answer of who gives none."""

    @field_validator("target")
    @classmethod
    def have_a_name_that_shells_read(cls, value: str, info: ValidationInfo) -> str:
        name = info.data.get("name", "")
        if value == "env" and name and not name.isidentifier():
            raise reason(f"An environment variable cannot be called {name[:80]}")
        return value

    @field_validator("source")
    @classmethod
    def be_of_a_choice(cls, value: str, info: ValidationInfo) -> str:
        if value and not _kind_of(info).chooses:
            raise reason("Only choices come from a list")
        return value

    @field_validator("min", "max")
    @classmethod
    def be_a_bound(cls, value: str, info: ValidationInfo) -> str:
        kind = _kind_of(info)
        if not value:
            return value
        if kind.bound is None:
            raise reason("This type has no smallest and largest answer")
        try:
            bound = kind.bound(value)
        except ValueError as error:
            raise reason(str(error)) from error
        offered = info.data.get("values") or ()
        if kind.field == "choices" and info.field_name == "min" and 0 < len(offered) < bound:
            raise reason(f"Must not be more than {len(offered)}, the number of choices")
        least = info.data.get("min") if info.field_name == "max" else ""
        if least and bound < kind.bound(least):
            raise reason(f"Must not be less than {least}, the smallest one")
        return value

    @field_validator("regex")
    @classmethod
    def be_a_pattern(cls, value: str, info: ValidationInfo) -> str:
        if not value:
            return value
        if not _kind_of(info).has_pattern:
            raise reason("Only texts and choices have a pattern")
        try:
            patterns.check(value)
        except ValueError as error:
            raise reason(f"This is no pattern: {error}") from error
        return value

    @field_validator("default_value")
    @classmethod
    def be_an_answer(cls, value: str | list[str], info: ValidationInfo) -> str | list[str]:
        if survey_kinds.is_missing(value) or not info.data.keys() >= {"type", *OURS}:
            return value
        if info.data["type"] == "secret":
            raise reason("A secret has no default: everybody who sees the template could read it")
        offered = [one.value for one in info.data.get("values", ())]
        question = info.data | {"values": [{"value": one} for one in offered]}
        kind = survey_kinds.of(question)
        if info.data["type"] == "enum" and offered and value not in offered:
            raise reason(f"{value[:80]!r} is not one of the values")
        try:
            survey_kinds.check(question, kind.typed(value))
        except ValueError as error:
            raise reason(str(error)) from error
        return value

    def stored(self) -> dict[str, Any]:
        """As the column keeps it and clients get it back."""
        dumped = self.model_dump()
        return {name: value for name, value in dumped.items() if value or name not in OURS}


def _kind_of(info: ValidationInfo) -> survey_kinds.Kind:
    return survey_kinds.of({"type": info.data.get("type", "")})


def refuse_same(questions: list[SurveyVar]) -> None:
    """Raise the refusal of two questions for one variable."""
    names = [one.name for one in questions if one.name]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise reason(f"The variable {twice} is asked for twice")

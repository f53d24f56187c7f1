"""What a request from outside says: values of its body, headers and query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from pydantic_core import from_json

from app.lib import json_path
from app.lib.json_path import MISSING
from app.lib.json_size import is_too_much


@dataclass(frozen=True)
class Received:
    """A request as it came; the names of headers are in lower case."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name.strip().lower(), "")

    @cached_property
    def json(self) -> Any:
        """The body; MISSING if it is no JSON, or deeper or more than anything that people send."""
        if is_too_much(self.body):
            return MISSING
        try:
            return from_json(self.body, allow_inf_nan=False)
        except ValueError:
            return MISSING

    @cached_property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Place(Protocol):
    """Where a value stands: what matchers and extracted values have in common."""

    key: str
    body_data_type: str


class Condition(Place, Protocol):
    match_type: str
    method: str
    value: str


def find(request: Received, source: str, place: Place) -> str | None:
    """The value as a text, or None: numbers and truth as in JSON, objects and lists as JSON."""
    if source == "header":
        return request.headers.get(place.key.strip().lower())
    if source == "query":
        return request.query.get(place.key)
    if place.body_data_type == "string":
        return request.text
    return _text(json_path.find(request.json, place.key))


def matches(condition: Condition, found: str | None) -> bool:
    """Whether a value meets a condition. What is missing equals and contains nothing."""
    return METHODS[condition.method](found, condition.value)


METHODS = {
    "equals": lambda found, value: found == value,
    "unequals": lambda found, value: found != value,
    "contains": lambda found, value: found is not None and value in found,
}


def _text(value: Any) -> str | None:
    if value is MISSING or value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)

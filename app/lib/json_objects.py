"""A JSON object of a stranger, read with care."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from app.lib.json_size import MOST, is_too_much


def read(data: bytes, name: str) -> dict[str, Any]:
    """The object in `data`, which the refusals call by `name`: "body".

    NaN is none: databases and other people's parsers refuse it. Raises ValueError.
    """
    if is_too_much(data):
        raise ValueError(f"The {name} holds more than {MOST:,} values")
    try:
        found = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError(f"The {name} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"The {name} must be a JSON object")
    return found


def holds_nul(value: Any) -> bool:
    """Whether a text in it, or the name of one, has the character that no process can be given."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(holds_nul, value))

"""A JSON object of a stranger, read with care."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from app.lib.json_size import MOST, is_too_much

NOT_FINITE = "Must not be NaN, nor a number too large for computers: 1e400"


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
    if beyond := [one for one, value in found.items() if not is_finite(value)]:
        raise ValueError(f"The {name} is refused: {beyond[0][:80]}: {NOT_FINITE}")
    return found


def holds_nul(value: Any) -> bool:
    """Whether a text in it, or the name of one, has the character that no process can be given."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(holds_nul, value))


def is_finite(value: Any) -> bool:
    """Whether no number in it is NaN or, as 1e400 is read, infinite: JSON could not write it."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return all(map(is_finite, value.values()))
    return not isinstance(value, list) or all(map(is_finite, value))

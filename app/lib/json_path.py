"""Look something up in JSON by a dotted path: `commits.0.author.name`, `commits.[0].id`."""

import re
from typing import Any

_INDEX = re.compile(r"\[(\d+)\]")
_NUMBER = re.compile(r"\d{1,9}")
MISSING = object()


def find(value: Any, path: str) -> Any:
    """What the path leads to, or MISSING. A name that contains dots is found as it stands first."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in _INDEX.sub(r".\1", path).split("."):
        if part:
            value = _step(value, part)
    return value


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part, MISSING)
    if isinstance(value, list) and _NUMBER.fullmatch(part) and int(part) < len(value):
        return value[int(part)]
    return MISSING

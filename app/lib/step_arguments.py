"""Arguments as they are stored: a JSON list of texts, or for tools that work in steps an object
with such a list for some of the steps, and `default` for the others."""

import json
from collections.abc import Mapping
from typing import Any

STEPS = ("init", "plan", "apply")
DEFAULT = "default"
WHAT = "Must be a JSON list of texts, or an object with such lists for init, plan, apply or default"

Steps = Mapping[str, tuple[str, ...]]


def read(text: str | None) -> dict[str, tuple[str, ...]]:
    """The arguments by step; a plain list is `default`. Raises ValueError that says what is
    allowed."""
    try:
        found = json.loads(text) if text and text.strip() else None
    except RecursionError as error:
        raise ValueError(WHAT) from error
    return checked(found)


def checked(found: Any) -> dict[str, tuple[str, ...]]:
    """The same of what a text holds."""
    lists = found if isinstance(found, dict) else {DEFAULT: found or []}
    for step, listed in lists.items():
        is_list = isinstance(listed, list) and all(isinstance(item, str) for item in listed)
        if step not in (*STEPS, DEFAULT) or not is_list:
            raise ValueError(WHAT)
    return {step: tuple(listed) for step, listed in lists.items() if listed}


def is_by_step(text: str | None) -> bool:
    """Whether a stored text, or one that is typed, is such an object."""
    if not (text or "").lstrip().startswith("{"):
        return False
    try:
        return bool(read(text))
    except ValueError:
        return False

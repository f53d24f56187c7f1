"""A list of choices as people type it: one per line, "value" or "value = what people see".

What lines cannot say is written as a JSON list, and read as one, so that nothing is lost.
"""

import json

from pydantic_core import from_json

Choices = list[dict[str, str]]  # {"value": …, "name": what people see, or ""}
SIGN = " = "


def to_choices(text: str) -> Choices:
    """What was typed."""
    listed = _listed(text)
    if listed is not None:
        return listed
    pairs = (line.partition(SIGN) for line in text.splitlines() if line.strip())
    return [{"value": value.strip(), "name": name.strip()} for value, _, name in pairs]


def to_lines(choices: Choices) -> str:
    """The other way round."""
    kept = [{"value": one.get("value", ""), "name": one.get("name", "")} for one in choices]
    text = "\n".join(one["value"] + (f"{SIGN}{one['name']}" if one["name"] else "") for one in kept)
    return text if to_choices(text) == kept else json.dumps(kept, ensure_ascii=False)


def _listed(text: str) -> Choices | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError:
        return None
    is_choices = isinstance(found, list) and all(
        isinstance(one, dict) and all(isinstance(part, str) for part in one.values())
        for one in found
    )
    return [{"value": one.get("value", ""), "name": one.get("name", "")} for one in found] \
        if is_choices else None  # fmt: skip

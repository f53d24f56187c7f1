"""A list of arguments as people type it: one per line, without quotes.

What lines cannot say (an empty argument, one with a line break) is written as a JSON list, and a
text that is a JSON list of texts is read as one: nothing is lost by opening and saving a form. So
is an object with such lists by step.
"""

import json

from pydantic_core import from_json

from app.lib import step_arguments


def to_json(text: str) -> str:
    """The JSON of what was typed; empty if nothing was."""
    if step_arguments.is_by_step(text):
        return json.dumps(json.loads(text), ensure_ascii=False)
    listed = to_list(text)
    return json.dumps(listed, ensure_ascii=False) if listed else ""


def to_list(text: str) -> list[str]:
    """The arguments that were typed."""
    listed = _listed(text)
    if listed is None:
        listed = [line.strip() for line in text.splitlines() if line.strip()]
    return listed


def to_lines(arguments: str | None) -> str:
    """The other way round; what is no JSON list of texts is shown as it is."""
    listed = _listed(arguments or "")
    if listed is None:
        return arguments or ""
    lines = "\n".join(listed)
    again = to_json(lines)
    return (
        lines if again == json.dumps(listed, ensure_ascii=False) or not listed else arguments or ""
    )


def _listed(text: str) -> list[str] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError:
        return None
    is_texts = isinstance(found, list) and all(isinstance(item, str) for item in found)
    return found if is_texts else None

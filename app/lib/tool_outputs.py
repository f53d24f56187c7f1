"""The outputs of a configuration, from `terraform output -json`.

The document is written by a program that a repository has had in its hands: nothing of its form is
taken for granted. Values that are sensitive leave this module with none of it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.lib import plan_marks
from app.lib.loose_json import mapping, text

MOST = 500
LONGEST = 64 << 10  # bytes of a value as JSON
MOST_IN_ALL = 256 << 10
LONGEST_NAME = 200  # characters
LONG = 8  # characters of a secret that is also looked for inside of longer values


class Unreadable(ValueError):
    """It is no document of outputs."""


@dataclass(frozen=True)
class ToolOutput:
    """One output. `type` is the tool's own word, a text or a list of JSON; a `sensitive` one has
    no value here, and one that `is_left_out` is too long to have one."""

    name: str
    type: Any = None
    sensitive: bool = False
    value: Any = None
    is_left_out: bool = False


def parse(answer: bytes) -> tuple[ToolOutput, ...]:
    """Read the document; the first MOST by their names. Raises Unreadable."""
    try:
        document = json.loads(answer)
        if not isinstance(document, dict):
            raise Unreadable("It is no object")
        entries = {name: mapping(entry) for name, entry in sorted(document.items())[:MOST]}
        secrets = set(_secrets(map(mapping, document.values())))
        return tuple(_bounded(entries, secrets))
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def _bounded(entries: Mapping[str, dict[str, Any]], secrets: set[str]) -> Iterator[ToolOutput]:
    room = MOST_IN_ALL
    for name, entry in entries.items():
        shown, value = text(name, LONGEST_NAME), entry.get("value")
        type_, size = entry.get("type"), len(json.dumps(value))
        if entry.get("sensitive") is not False or _tells(value, secrets):
            yield ToolOutput(shown, type_, sensitive=True)
        elif size > min(LONGEST, room):
            yield ToolOutput(shown, type_, is_left_out=True)
        else:
            room -= size
            yield ToolOutput(shown, type_, value=value)


def _secrets(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What is sensitive in one output is so in each other one."""
    for entry in entries:
        if entry.get("sensitive") is not False:
            found = map(plan_marks.as_text, plan_marks.scalars(entry.get("value")))
            yield from (one for one in found if len(one) >= plan_marks.SHORTEST)


def _tells(value: Any, secrets: set[str]) -> bool:
    texts = set(map(plan_marks.as_text, plan_marks.scalars(value)))
    inside = [secret for secret in secrets if len(secret) >= LONG]
    return bool(texts & secrets) or any(one in text for text in texts for one in inside)

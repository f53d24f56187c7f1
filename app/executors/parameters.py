"""What a tool can be told besides its arguments: by a template, and by a run where that is open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

LEVELS = range(1, 7)


@dataclass(frozen=True)
class Parameter:
    """One parameter, under the name that the API has for it.

    A run may give it where the template's `switch` is set; `open_unless`: where it is not set.
    Without a switch it is the template's alone.
    """

    name: str
    kind: Literal["flag", "text", "texts", "level"]
    label: str
    switch: str = ""
    open_unless: bool = False
    of_template: bool = True  # whether a template has a value of it
    help: str = ""
    not_of_run: str = ""  # a sign that only a template may have in it: it makes more of the text
    pattern: str = ""  # of a text, as a regular expression, with two examples of what fits
    examples: tuple[str, str] = ("", "")

    def is_open(self, params: Mapping[str, Any]) -> bool:
        """Whether a run of a template with these `task_params` may give it."""
        return bool(self.switch) and bool(params.get(self.switch)) != self.open_unless

    def read(self, value: Any) -> Any:
        """The value in its own type: bool, text, list of texts, int. ValueError says what is
        allowed."""
        found = _READERS[self.kind](value)
        if self.pattern and not re.fullmatch(self.pattern, found):
            raise ValueError(f"Must be such as {self.examples[0]} or {self.examples[1]}")
        return found

    def read_of_run(self, value: Any) -> Any:
        """The value that a run may give. ValueError says what is allowed."""
        found = self.read(value)
        if self.not_of_run and any(self.not_of_run in text for text in found):
            raise ValueError(f"Must be without {self.not_of_run}")
        return found


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Must be true or false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("Must be a text")
    if "\0" in value or "\n" in value:
        raise ValueError("Must not contain line breaks")
    return value.strip()


def _texts(value: Any) -> list[str]:
    """A list, or one text with commas, as old clients send it."""
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list) or any(not isinstance(item, str) for item in found):
        raise ValueError("Must be a list of texts")
    kept = [item.strip() for item in found if item.strip()]
    if any("\0" in item or "\n" in item for item in kept):
        raise ValueError("Must not contain line breaks")
    return kept


def _level(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in LEVELS:
        raise ValueError(f"Must be a number from {LEVELS[0]} to {LEVELS[-1]}")
    return value


_READERS: dict[str, Any] = {"flag": _flag, "text": _text, "texts": _texts, "level": _level}

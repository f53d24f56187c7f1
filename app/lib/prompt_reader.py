"""Find known prompts in what a program writes to its terminal."""

import re
from collections.abc import Sequence
from typing import NamedTuple

LONGEST_LINE = 4096  # bytes; a longer line is cut
_END_OF_PROMPT = re.compile(rb":|(?=\n)")


class Prompt(NamedTuple):
    """A known prompt that was found in the output, by its beginning."""

    beginning: bytes


class PromptReader:
    """Finds known prompts in the output of a terminal, which may come in pieces of any size.

    A prompt stands at the beginning of a line, or directly behind another one. What follows its
    known beginning, up to the next colon, belongs to it.
    """

    def __init__(self, beginnings: Sequence[bytes]) -> None:
        self._beginnings = sorted(beginnings, key=len, reverse=True)
        self._text = b""  # of the current line, as far as nothing is known about it
        self._is_start = True  # whether that is the beginning of a line
        self._in_prompt = False  # the colon of the last prompt has not come yet
        self._behind_prompt = False  # a space and the end of the line may still belong to it

    @property
    def unfinished(self) -> bytes:
        """The line that has no end yet; empty if it is blank."""
        return self._text.strip()

    def feed(self, data: bytes) -> None:
        """Add output; `next` tells what it means."""
        self._text += data

    def next(self) -> Prompt | bytes | None:
        """Return the next prompt or the next line that is none; None: more output is needed."""
        self._skip_rest_of_prompt()
        if prompt := self._prompt():
            return prompt
        line, end, rest = self._text.partition(b"\n")
        if not end and len(line) <= LONGEST_LINE:
            return None
        self._text, self._is_start = rest, bool(end)
        return line.rstrip(b"\r")

    def take_unfinished(self) -> bytes:
        """Treat the unfinished line as if it had ended, and return it."""
        text, self._text = self.unfinished, b""
        return text

    def _prompt(self) -> Prompt | None:
        text = self._text.lstrip(b" \r")
        found = next((known for known in self._beginnings if text.startswith(known)), None)
        if found is None or not self._is_start:
            return None
        self._text = text.removeprefix(found)
        self._in_prompt = not found.endswith(b":")
        self._behind_prompt = True
        return Prompt(found)

    def _skip_rest_of_prompt(self) -> None:
        if self._in_prompt:
            end = _END_OF_PROMPT.search(self._text)
            self._in_prompt = not end
            self._text = self._text[end.end() :] if end else b""
        if self._behind_prompt:
            self._text = self._text.lstrip(b" \r")
            self._behind_prompt = not self._text
            self._text = self._text.removeprefix(b"\n")

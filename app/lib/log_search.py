"""Search output: a substring, or a pattern in linear time."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import re2

from app.lib.escapes import without_escapes
from app.lib.patterns import reason

LONGEST_QUERY = 500  # characters
DENSE = 50  # hits in one text after which its lines are tried one by one
MOST_LINES = 2000
TURN = 8  # texts searched before others get their turn
_BY_LINE = re.compile(r"\\[Az]|\(\?\w*-")  # what means something else where lines stand together


@dataclass
class Found:
    """What a search found."""

    total: int = 0  # matching lines in all of the output
    lines: list[int] = field(default_factory=list)  # the first ones from where it was asked for
    more: bool = False  # whether there are more than these


class Query:
    """What to look for. Lines are compared without colours and other escape sequences.

    `query` is a plain text, or with `pattern` a regular expression of google-re2, matched within
    each line. Upper and lower case are the same unless `case` is set.
    Raises ValueError, with the reason, for a pattern that re2 refuses and for more than 500
    characters.
    """

    def __init__(self, query: str, *, pattern: bool = False, case: bool = False) -> None:
        if not query:
            raise ValueError("Enter something to search for")
        if len(query) > LONGEST_QUERY:
            raise ValueError(f"Longer than {LONGEST_QUERY} characters")
        self._lower = False
        if pattern or not (case or query.isascii()):
            self._find, self._all = _pattern(query, literal=not pattern, case=case)
        else:
            self._lower = not case
            self._find, self._all = _substring(query if case else query.lower())

    def lines(self, text: bytes) -> list[int]:
        """The matching lines of a text of whole lines, counted from its first line."""
        text = self._prepared(text)
        found: list[int] = []
        line = at = 0
        while (hit := self._find(text, at)) >= 0:
            line += text.count(b"\n", at, hit)
            found.append(line)
            at = text.find(b"\n", hit) + 1
            line += 1
            if at and len(found) >= DENSE:
                return found + self._all(text[at:].split(b"\n"), line)
            if not at:
                break
        return found

    def _prepared(self, text: bytes) -> bytes:
        text = without_escapes(text)
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        return (text.lower() if self._lower else text).removesuffix(b"\n")


def search(texts: Iterable[tuple[int, bytes]], query: Query, start: int = 0) -> Found:
    """Search texts of whole lines, given with the number of their first line.

    The first 2,000 matching lines are those from `start` on; the total counts all of them.
    """
    found = Found()
    for number, (first_line, text) in enumerate(texts):
        lines = query.lines(text)
        found.total += len(lines)
        if not found.more:
            found.lines += [first_line + line for line in lines if first_line + line >= start]
            found.more = len(found.lines) > MOST_LINES
            del found.lines[MOST_LINES:]
        if number % TURN == 0:
            time.sleep(0)  # Under gevent others get their turn: a million lines take a while.
    return found


Find = Callable[[bytes, int], int]  # where in a text, from an offset on, the next hit is; or -1
FindAll = Callable[[Iterable[bytes], int], list[int]]  # the numbers of lines; that of the first


def _substring(query: str) -> tuple[Find, FindAll]:
    needle = query.encode(errors="replace")

    def in_lines(lines: Iterable[bytes], first: int) -> list[int]:
        return [number for number, line in enumerate(lines, first) if needle in line]

    return lambda text, at: text.find(needle, at), in_lines


def _pattern(query: str, *, literal: bool, case: bool) -> tuple[Find, FindAll]:
    """Two engines: one finds the next hit in many lines at once, the other tests one line."""
    query = re2.escape(query) if literal else query
    try:
        many, one = _engines(query, case=case)
    except re2.error as error:
        raise ValueError(reason(error)) from error

    def next_hit(text: bytes, at: int) -> int:
        match = many.search(text, at)
        return match.start() if match else -1

    def next_line(text: bytes, at: int) -> int:
        for line in text[at:].split(b"\n"):
            if one.Match(line):
                return at
            at += len(line) + 1
        return -1

    def in_lines(lines: Iterable[bytes], first: int) -> list[int]:
        return [number for number, line in enumerate(lines, first) if one.Match(line)]

    return next_line if _BY_LINE.search(query) else next_hit, in_lines


def _engines(query: str, *, case: bool) -> tuple[Any, Any]:
    options = re2.Options()
    options.case_sensitive = case
    options.never_nl = True  # a match within one line, although many are searched at once
    options.never_capture = True
    options.log_errors = False
    options.max_mem = 2 << 20  # re2 keeps the last 128 patterns
    re2.compile(query, options)  # alone, for a reason that quotes what was typed
    one = re2.Set.SearchSet(options)
    one.Add(query)
    one.Compile()
    return re2.compile(f"(?m:{query})", options), one

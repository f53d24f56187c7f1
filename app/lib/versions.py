"""Versions that count: the last number in a text goes up, what stands around it stays."""

import re

NUMBERED = re.compile(r"(?s)(.*?)([0-9]+)([^0-9]*)")  # the last run of digits


def following(first: str, previous: str | None) -> str:
    """The version after `previous`; `first` is what a count begins with, as in `v1.0.0`.

    A previous one of another form, or a lower number, starts over at `first`: whoever edits it
    decides from where on is counted. Raises ValueError where `first` has no number.
    """
    start = _parts(first)
    if start is None:
        raise ValueError("Needs a number that can be counted on, such as 1.0.0")
    last = _parts(previous or "")
    if last is None or (start[0], start[2]) != (last[0], last[2]):
        return first
    number = max(int(start[1]), int(last[1]) + 1)
    return f"{start[0]}{number}{start[2]}"


def _parts(version: str) -> tuple[str, str, str] | None:
    found = NUMBERED.fullmatch(version)
    return (found[1], found[2], found[3]) if found else None

"""How much there is in a JSON text, before anybody makes objects of it."""

import re

MOST = 500_000  # values; 16 MB of `{},{},{}` would be five million of them, and 600 MB of memory
_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_TEXTS = re.compile(_TEXT + rb"(?:\s*+:\s*+" + _TEXT + rb")?+", re.DOTALL)  # or a name and a text


def is_too_much(data: bytes, most: int = MOST) -> bool:
    """Whether a text holds more than `most` values, with the brackets of lists and objects."""
    if _count(data, 0, len(data)) <= most:
        return False
    found, at = 0, 0
    for text in _TEXTS.finditer(data):
        found += _count(data, at, text.start()) or 1  # without any it is no JSON, and has an end
        at = text.end()
        if found > most:
            return True
    return found + _count(data, at, len(data)) > most


def _count(data: bytes, start: int, end: int) -> int:
    """Each value but the first stands behind one of these, unless they stand in a text."""
    return sum(data.count(mark, start, end) for mark in (b",", b"[", b"{"))

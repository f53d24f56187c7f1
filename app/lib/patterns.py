"""Regular expressions of strangers: found or not in linear time, whatever they are."""

from functools import lru_cache
from typing import Any

import re2

LONGEST = 500  # characters of a pattern


def check(pattern: str) -> None:
    """Raise ValueError, with the reason, for what is no pattern that google-re2 takes."""
    if len(pattern) > LONGEST:
        raise ValueError(f"Longer than {LONGEST} characters")
    try:
        _compiled(pattern)
    except re2.error as error:
        raise ValueError(reason(error)) from error


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches a pattern that `check` has let pass."""
    return _compiled(pattern).fullmatch(text) is not None


def reason(error: Exception) -> str:
    """What is wrong with a pattern, in the words of the library."""
    found = error.args[0]
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found)


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = 2 << 20
    return re2.compile(pattern, options)

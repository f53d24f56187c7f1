"""Whole numbers in texts that anybody can send."""

import re

LARGEST = 2**63 - 1  # what a database can look for

_DIGITS = re.compile(r"[0-9]{1,19}")


def whole(text: str) -> int | None:
    """The number from 0 to LARGEST that a text is; None for anything else.

    Signs of other scripts count as digits to Python, and it refuses to read thousands of them.
    """
    if not _DIGITS.fullmatch(text):
        return None
    number = int(text)
    return number if number <= LARGEST else None

"""Terminal escape sequences in output: take them out."""

import re

# Colours and cursor movements; titles, links and other strings up to their end or the line's;
# character sets and single letters. An ESC that begins none of these goes alone.
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-OQ-WYZ\\`-~])?"
)


def without_escapes(text: bytes) -> bytes:
    """`text` as a reader sees it without a terminal; lines stay lines."""
    return _ESCAPE.sub(b"", text) if b"\x1b" in text else text

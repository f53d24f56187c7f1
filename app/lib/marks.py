"""Take marks out of a stream of output: escape sequences that say where in it something belongs.

A mark is `ESC ] 7717 ; nonce ; id BEL`. With another nonce, which a script may print, it is text.
"""

from collections.abc import Iterator

LONGEST_ID = 10  # digits


class Marks:
    """Finds the marks of one nonce, however the stream is cut into pieces."""

    def __init__(self, nonce: str) -> None:
        self._begin = b"\x1b]7717;" + nonce.encode() + b";"
        self._longest = len(self._begin) + LONGEST_ID + 1
        self._kept = b""  # what may be the beginning of a mark

    def feed(self, data: bytes) -> Iterator[bytes | int]:
        """The next piece of the stream: its texts, and in between the ids of the marks."""
        text, done, at = self._kept + data, 0, 0
        self._kept = b""
        while (at := text.find(self._begin, at)) >= 0:
            end = text.find(b"\x07", at, at + self._longest)
            if end < 0 and len(text) - at < self._longest:
                break
            number = text[at + len(self._begin) : max(0, end)]
            if not number.isdigit():
                at += 1
                continue
            yield text[done:at]
            yield int(number)
            done = at = end + 1
        stop = at if at >= 0 else self._possible(text, done)
        self._kept = text[stop:]
        yield text[done:stop]

    def flush(self) -> bytes:
        """The stream has ended: what was kept back is text after all."""
        kept, self._kept = self._kept, b""
        return kept

    def _possible(self, text: bytes, start: int) -> int:
        """Where the end of `text` starts that may be the beginning of a mark."""
        at = text.rfind(b"\x1b", max(start, len(text) - len(self._begin)))
        return at if at >= 0 and self._begin.startswith(text[at:]) else len(text)

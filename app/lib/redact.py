"""Mask secrets in a stream of bytes, however it is cut into pieces."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

import re2

from app.lib import written_forms

MASK = b"***"


class Redactor:
    """Replaces each secret of at least four characters by `***`.

    A secret is also found in the forms in which programs write it (`written_forms`), and each line
    of a secret of several lines is masked by itself. What may be the beginning of a secret is kept
    back until it is known how it goes on; that is never more than the longest form of a secret
    less one byte. Overlapping secrets become one mask.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._kept = b""
        self._covered = 0  # leading bytes of `_kept` for which a mask has been written
        self._literals: list[bytes] = []
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Mask these too from now on."""
        forms = {form for secret in secrets for form in written_forms.of(secret)}
        self._literals = sorted(forms.union(self._literals))
        self._longest = max(map(len, self._literals), default=0)
        self._within_line = not any(b"\n" in literal for literal in self._literals)
        self._pattern: Any = _compile(self._literals) if self._literals else None

    def feed(self, data: bytes) -> bytes:
        """Take the next piece of the stream and return what can be said for certain."""
        if self._pattern is None:
            return data
        text = self._kept + data
        return self._mask(text, self._certain(text))

    def flush(self) -> bytes:
        """The stream has ended, or a new one begins: return what was kept back."""
        return self._mask(self._kept, len(self._kept)) if self._kept else b""

    def mask(self, data: bytes) -> bytes:
        """Mask a text that stands for itself, whatever is kept back of the stream."""
        if self._pattern is None:
            return data
        kept, covered = self._kept, self._covered
        self._kept, self._covered = b"", 0
        masked = self._mask(data, len(data))
        self._kept, self._covered = kept, covered
        return masked

    def _mask(self, text: bytes, certain: int) -> bytes:
        """Mask what begins in `text[:certain]`, keep the rest for the next time."""
        masked, covered, at = [], self._covered, 0
        while (found := self._pattern.search(text, at)) and found.start() < certain:
            start, end = found.span()
            if start >= covered:
                masked += [text[covered:start], MASK]
            covered, at = max(covered, end), start + 1
        masked.append(text[covered:certain])
        self._kept, self._covered = text[certain:], max(0, covered - certain)
        return b"".join(masked)

    def _certain(self, text: bytes) -> int:
        """Where the longest end of `text` starts that is the beginning of a secret."""
        start = max(0, len(text) - self._longest + 1)
        if self._within_line:
            start = max(start, text.rfind(b"\n", start) + 1)
        return next((at for at in range(start, len(text)) if self._begins(text[at:])), len(text))

    def _begins(self, end: bytes) -> bool:
        at = bisect_left(self._literals, end)
        if at < len(self._literals) and self._literals[at] == end:
            at += 1  # It is a whole secret: only a longer one is worth waiting for.
        return at < len(self._literals) and self._literals[at].startswith(end)


def _compile(literals: list[bytes]) -> Any:
    """One alternation of all literals, the longest first: a linear-time automaton."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # bytes, not characters
    options.max_mem = 256 << 20  # a limit, not an allocation: hundreds of long keys fit
    options.log_errors = False
    longest_first = sorted(literals, key=len, reverse=True)
    return re2.compile(b"|".join(map(re2.escape, longest_first)), options)

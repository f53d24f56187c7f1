"""Mask secrets in a stream of bytes, however it is cut into pieces."""

import base64
import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import re2

MASK = b"***"
SHORTEST = 4  # characters: a shorter value is found in every second word
_UNRESERVED_IN_SCRIPTS = "!'()*"  # what JavaScript's encodeURIComponent leaves as it is
_WRAPS = (64, 76)  # columns at which openssl and base64 break their lines


class Redactor:
    """Replaces each secret of at least four characters by `***`.

    A secret is also found in base64 (wherever it stands in the encoded text), percent-encoded and
    escaped for JSON, and each line of a secret of several lines is masked by itself. What may be
    the beginning of a secret is kept back until it is known how it goes on; that is never more
    than the longest form of a secret less one byte. Overlapping secrets become one mask.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._kept = b""
        self._covered = 0  # leading bytes of `_kept` for which a mask has been written
        self._literals: list[bytes] = []
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Mask these too from now on."""
        forms = {form for secret in secrets for form in _forms(secret)}
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


def _forms(secret: str) -> Iterator[bytes]:
    """Every text by which `secret` may appear in output; no form is shorter than a secret may be.

    Line breaks around it are not part of it: masking one would join two lines of output.
    """
    secret = secret.strip("\r\n")
    if len(secret) < SHORTEST:
        return
    lines = [line.strip() for line in secret.splitlines() if line.strip()]
    if len(lines) < 2 or min(map(len, lines)) < SHORTEST:
        yield secret.encode()
    yield from (line.encode() for line in lines if len(line) >= SHORTEST and len(lines) > 1)
    for escaped in _escaped(secret):
        yield escaped.encode()
    yield from _base64(secret.encode())


def _escaped(secret: str) -> Iterator[str]:
    for encoded in (
        quote(secret),
        quote(secret, safe=""),
        quote(secret, safe=_UNRESERVED_IN_SCRIPTS),
        quote_plus(secret),
    ):
        yield encoded
        yield re.sub("%..", lambda code: code[0].lower(), encoded)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]


def _base64(secret: bytes) -> Iterator[bytes]:
    """The characters that depend on the secret alone, for each of the three places modulo three."""
    whole = base64.b64encode(secret)
    pieces = [whole]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret)
        pieces.append(encoded[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6])
    for width in _WRAPS:
        lines = [whole[at : at + width] for at in range(0, len(whole), width)]
        pieces += [line for line in lines if len(line) >= 2 * SHORTEST]
    for piece in pieces:
        yield piece
        yield piece.translate(bytes.maketrans(b"+/", b"-_"))

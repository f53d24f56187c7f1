"""Output as compressed chunks of some 64 KB: pack batches into them, unpack them again."""

import json
import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import zstandard

from app.lib.line_writer import Batch

CHUNK = 64 * 1024  # bytes of text after which a chunk ends with the line
TOGETHER = 1024 * 1024  # bytes of text that are worth one transaction

Mark = tuple[int, int]  # a line, and the ms since 1970 of it and all up to the next mark


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive lines, as they are stored."""

    first_line: int
    n_lines: int
    raw_len: int  # bytes of the text
    first_ms: int
    last_ms: int
    marks: bytes  # zstd of the JSON list of its marks, the first one at its first line
    data: bytes  # zstd of the text, each line with its `\n`

    @property
    def end(self) -> int:
        """The number of the line after it."""
        return self.first_line + self.n_lines

    def text(self) -> bytes:
        """Its lines, raw; ValueError if the data is damaged."""
        return _decompress(self.data)

    def times(self) -> list[Mark]:
        """Its time marks in ascending order; ValueError if the data is damaged."""
        return [(line, ms) for line, ms in json.loads(_decompress(self.marks))]


class Packer:
    """Gathers batches and cuts them into chunks.

    A chunk that has not reached its size is stored as it is and stays here: it grows, and `pack`
    gives it again, with the same first line, in place of what was stored.
    """

    def __init__(self, first_line: int = 0) -> None:
        self._first = first_line
        self._text = bytearray()
        self._marks: list[Mark] = []
        self._stored = 0  # leading bytes of `_text` that are stored in an unfinished chunk
        self._zstd = zstandard.ZstdCompressor(level=3)

    @property
    def unstored(self) -> int:
        """Bytes that have not been stored yet."""
        return len(self._text) - self._stored

    @property
    def first_line(self) -> int:
        """The first line that is not in a finished chunk."""
        return self._first

    def add(self, batch: Batch) -> None:
        """Take the batch that follows the one before."""
        self._marks.append((batch.first_line, batch.ms))
        self._text += batch.data

    def pack(self, *, everything: bool = False) -> list[Chunk]:
        """Chunks for one transaction, at most 1 MB of text and a chunk, from the first line on.

        `everything` includes an unfinished one. Until `stored` is called the answer is the same.
        """
        chunks: list[Chunk] = []
        start, first, size = 0, self._first, len(self._text)
        while start < TOGETHER and (size - start >= CHUNK or (everything and start < size)):
            end = self._text.find(b"\n", start + CHUNK - 1) + 1 or size
            chunks.append(self._chunk(first, bytes(self._text[start:end])))
            start, first = end, chunks[-1].end
        return chunks

    def stored(self, chunks: Sequence[Chunk]) -> int:
        """These chunks of `pack` are in the database; return how many bytes are new there."""
        before = self.unstored
        for chunk in chunks:
            if chunk.raw_len < CHUNK:
                self._stored = chunk.raw_len
                continue
            del self._text[: chunk.raw_len]
            self._first, self._stored = chunk.end, 0
        self._marks = _within(self._marks, self._first)
        return before - self.unstored

    def _chunk(self, first: int, text: bytes) -> Chunk:
        count = text.count(b"\n")
        marks = _within(self._marks, first, first + count)
        return Chunk(
            first_line=first,
            n_lines=count,
            raw_len=len(text),
            first_ms=marks[0][1],
            last_ms=marks[-1][1],
            marks=self._compress(json.dumps(marks, separators=(",", ":")).encode()),
            data=self._compress(text),
        )

    def _compress(self, data: bytes) -> bytes:
        return self._zstd.compress(data)


def lines_of(text: bytes, first_line: int, start: int, stop: int) -> list[bytes]:
    """The lines `start` to `stop` of a text of whole lines that begins with `first_line`."""
    lines = text.split(b"\n")[:-1]
    return lines[max(0, start - first_line) : max(0, stop - first_line)]


def marks_of(marks: Sequence[Mark], start: int, stop: int) -> list[Mark]:
    """The marks that hold for the lines `start` to `stop`; the first one is at `start`."""
    return _within(marks, start, stop) if start < stop else []


def _within(marks: Sequence[Mark], first: int, end: int | None = None) -> list[Mark]:
    """The mark that holds at `first`, moved to it, and those up to `end`."""
    after = bisect_right(marks, first, key=_line)
    until = len(marks) if end is None else bisect_right(marks, end - 1, key=_line)
    return [(max(line, first), ms) for line, ms in marks[max(0, after - 1) : until]]


def _line(mark: Mark) -> int:
    return mark[0]


class _Decompressor(threading.local):
    """Making one costs as much as using it; each thread has its own."""

    def __init__(self) -> None:
        self.zstd = zstandard.ZstdDecompressor()


_decompressor = _Decompressor()


def _decompress(data: bytes) -> bytes:
    try:
        return _decompressor.zstd.decompress(data)
    except zstandard.ZstdError as error:
        raise ValueError(f"damaged chunk: {error}") from error

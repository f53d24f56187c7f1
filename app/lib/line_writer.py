"""Number the lines of a run and gather them into batches, whoever writes them."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.lib.marks import Marks
from app.lib.redact import Redactor

BATCH = 256 * 1024  # bytes: more leaves without waiting
PAUSE = 0.08  # seconds between two batches that are not full
LONGEST = 1024 * 1024  # bytes of a line, without its end; a longer one is split
ROOM = 2 * 1024 * 1024  # bytes that may wait until they are stored


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole lines that share one time mark; `data` is raw bytes, each line with its `\\n`."""

    first_line: int
    n_lines: int
    ms: int  # since 1970, by this machine's clock; never less than that of the batch before
    data: bytes

    @property
    def end(self) -> int:
        """The number of the line after it."""
        return self.first_line + self.n_lines


class LineWriter:
    """One sequence of lines from a process's output and from any thread's own lines.

    Lines are numbered in the order in which they arrive here. The first one leaves at once, later
    ones in batches of at most 80 ms or 256 KB (a single line may be longer). A line of ours never
    lands inside an unfinished line of the process. All methods may be called from any thread.
    """

    def __init__(self, redactor: Redactor | None = None, first_line: int = 0) -> None:
        self._redactor = redactor or Redactor()
        self._changed = threading.Condition()  # guards everything below
        self._text = bytearray()  # whole lines, then what there is of an unfinished one
        self._whole = 0  # bytes of `_text` that are whole lines
        self._lines = 0  # how many lines these are
        self._next = first_line  # the number of the first of them
        self._ready: deque[Batch] = deque()
        self._outstanding = 0  # bytes in batches that nobody has released yet
        self._due = 0.0  # on the monotonic clock: a batch that is not full waits until then
        self._last_ms = 0
        self._taker = 0  # the thread that takes batches must never wait for itself
        self._failure: Exception | None = None
        self._marks: Marks | None = None
        self._on_mark: Callable[[int, int | None], None]
        self._first: int | None = None  # the line with the first text after the last mark

    @property
    def position(self) -> int:
        """The number that the next line will get."""
        with self._changed:
            return self._next + self._lines

    @property
    def due(self) -> float | None:
        """When, on the monotonic clock, `take` has something to give; None: nothing is there."""
        with self._changed:
            if self._ready or self._whole >= BATCH:
                return 0.0
            return self._due if self._whole else None

    def write(self, data: bytes) -> None:
        """Add output of the process, cut anywhere."""
        with self._changed:
            if self._marks is None:
                self._append(self._redactor.feed(data))
            else:
                for piece in self._marks.feed(data):
                    self._add(piece)

    def end(self) -> None:
        """The process will write no more: an unfinished line is finished and leaves at once."""
        with self._changed:
            if self._marks is not None:
                self._add(self._marks.flush())
            self._append(self._redactor.flush())
            if len(self._text) > self._whole:
                self._append(b"\n")
            self._due = 0.0

    def on_mark(self, nonce: str, listener: Callable[[int, int | None], None]) -> None:
        """Take the marks with this nonce out of what the process writes from now on.

        For each `listener(id, first)` is called in the thread that writes, and must not block:
        `first` is the line of the first text after the mark before; None: there was no text.
        """
        with self._changed:
            self._marks, self._on_mark, self._first = Marks(nonce), listener, None

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these too in what comes from now on."""
        with self._changed:
            self._redactor.add(secrets)

    def mask(self, text: str) -> str:
        """A text as it would be shown among the lines; nothing is written."""
        with self._changed:
            return self._redactor.mask(text.encode(errors="replace")).decode(errors="replace")

    def hurry(self) -> None:
        """Let the next line leave at once, as the first one does."""
        with self._changed:
            self._due = 0.0

    def line(self, text: str, at: int | None = None) -> int:
        """Add a line of ours, or several, and return the number of the first.

        `at` is their time mark in ms, where they come from elsewhere; it never runs backwards.
        Blocks while 2 MB wait to be stored. Raises what `fail` was given.
        """
        with self._changed:
            self._changed.wait_for(self._has_room)
            if self._failure:
                raise self._failure
            if at is not None:
                self._cut_all()
            number = self._next + self._lines
            self._insert(self._redactor.mask(text.encode(errors="replace")))
            if at is not None:
                self._cut_all(at)
            return number

    def take(self) -> Batch | None:
        """The next batch if one is due. Whoever takes it releases it once it is stored."""
        with self._changed:
            self._taker = threading.get_ident()
            if not self._ready and self._is_due():
                self._cut()
                self._due = time.monotonic() + PAUSE
            return self._ready.popleft() if self._ready else None

    def release(self, size: int) -> None:
        """So many bytes of taken batches are stored: those who wait for room may go on."""
        with self._changed:
            self._outstanding -= size
            self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        """Nothing can be stored any more: `line` raises this from now on."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def _has_room(self) -> bool:
        mine = threading.get_ident() == self._taker
        return mine or bool(self._failure) or len(self._text) + self._outstanding < ROOM

    def _is_due(self) -> bool:
        return self._whole >= BATCH or (self._whole > 0 and time.monotonic() >= self._due)

    def _add(self, piece: bytes | int) -> None:
        """A text of the process between two marks, or a mark."""
        if isinstance(piece, int):
            self._on_mark(piece, self._first)
            self._first = None
            return
        if self._first is None and (text := piece.lstrip(b"\r\n")):
            blank = piece.count(b"\n", 0, len(piece) - len(text))
            self._first = self._next + self._lines + blank
        self._append(self._redactor.feed(piece))

    def _append(self, data: bytes) -> None:
        for at in range(0, len(data), BATCH):  # no piece is longer than a line may be
            self._text += data[at : at + BATCH]
            self._split_long_line()
            end = self._text.rfind(b"\n", self._whole) + 1
            if end:
                self._lines += self._text.count(b"\n", self._whole, end)
                self._whole = end

    def _split_long_line(self) -> None:
        limit = self._whole + LONGEST
        if len(self._text) > limit and self._text.find(b"\n", self._whole, limit + 1) < 0:
            self._text[limit:limit] = b"\n"

    def _insert(self, data: bytes) -> None:
        """Put lines of ours before the unfinished line."""
        pieces = data.removesuffix(b"\n").split(b"\n")
        if len(data) > LONGEST:
            pieces = [p[i : i + LONGEST] for p in pieces for i in range(0, len(p) or 1, LONGEST)]
        lines = b"".join(piece + b"\n" for piece in pieces)
        self._text[self._whole : self._whole] = lines
        self._whole += len(lines)
        self._lines += len(pieces)

    def _cut_all(self, at: int = 0) -> None:
        while self._whole:
            self._cut(at)

    def _cut(self, at: int = 0) -> None:
        """Make a batch of the lines that fit into one."""
        end = self._whole
        if end > BATCH:
            end = self._text.rfind(b"\n", 0, BATCH) + 1 or self._text.find(b"\n", BATCH) + 1
        data = bytes(self._text[:end])
        del self._text[:end]
        count = self._lines if end == self._whole else data.count(b"\n")
        self._last_ms = max(self._last_ms, at or time.time_ns() // 1_000_000)
        self._ready.append(Batch(self._next, count, self._last_ms, data))
        self._next += count
        self._lines -= count
        self._whole -= end
        self._outstanding += end

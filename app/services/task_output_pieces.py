"""Where the lines of a run are read: chunks of the database, and the stream for what is newer.

The stream is read first: what is trimmed from it in between is in the chunks by then.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self

from redis import RedisError
from sqlalchemy import bindparam, func, select

from app.db import db, transaction
from app.extensions import redis
from app.lib import log_stream
from app.lib.line_writer import Batch
from app.lib.log_chunks import Chunk, Mark, lines_of, marks_of
from app.lib.log_stream import Window
from app.models import Task, TaskChunk

logger = logging.getLogger(__name__)

TOGETHER = 16  # chunks read in one transaction

_FIRST = (
    select(func.max(TaskChunk.first_line))
    .where(TaskChunk.task_id == bindparam("task"), TaskChunk.first_line <= bindparam("start"))
    .scalar_subquery()
)
_CHUNKS = (
    select(*(getattr(TaskChunk, name) for name in Chunk.__slots__))
    .where(
        TaskChunk.task_id == bindparam("task"),
        TaskChunk.first_line >= func.coalesce(_FIRST, 0),
        TaskChunk.first_line < bindparam("stop"),
        TaskChunk.first_line + TaskChunk.n_lines > bindparam("start"),
    )
    .order_by(TaskChunk.first_line)
    .limit(TOGETHER)
)


class Run(Protocol):
    """What is read of a task: a Task, or a Log, which needs no session."""

    @property
    def id(self) -> int: ...
    @property
    def is_finished(self) -> bool: ...
    @property
    def line_count(self) -> int: ...


@dataclass(frozen=True)
class Piece:
    """Consecutive lines, raw."""

    first_line: int
    end: int
    text: bytes
    _marks: Callable[[], Sequence[Mark]]  # not everybody needs them, and they are compressed

    @classmethod
    def of_chunk(cls, chunk: Chunk) -> Self:
        return cls(chunk.first_line, chunk.end, chunk.text(), chunk.times)

    @classmethod
    def of_batch(cls, batch: Batch) -> Self:
        return cls(batch.first_line, batch.end, batch.data, lambda: [(batch.first_line, batch.ms)])

    @cached_property
    def marks(self) -> list[Mark]:
        """The time marks that hold for its lines, the first one at its first line."""
        return marks_of(self._marks(), self.first_line, self.end)

    def cut(self, start: int, stop: int) -> "Piece":
        """Those of its lines that lie in `start` to `stop`."""
        first, end = max(start, self.first_line), min(stop, self.end)
        if (first, end) == (self.first_line, self.end):
            return self
        kept = lines_of(self.text, self.first_line, first, end)
        return Piece(first, end, b"".join(line + b"\n" for line in kept), self._marks)


@contextmanager
def reading() -> Iterator[None]:
    """The caller's transaction if he has one, else one that ends at once and holds nothing."""
    if db.session().in_transaction():
        yield
    else:
        with transaction(write=False):
            yield


def between(run: Run, start: int, stop: int) -> tuple[list[Piece], int]:
    """The first pieces of the lines `start` to `stop`, and how many lines there are by now.

    They begin at `start` and have no gap; what is missing at the end can be asked for again.
    """
    window = _window(run, start, stop)
    with reading():
        pieces = _stored(run, start, stop)
        total = run.line_count if run.is_finished else _line_count(run)
    pieces += map(Piece.of_batch, window.batches)
    found = list(_contiguous(pieces, start, stop))
    return found, max([total, window.total, *(piece.end for piece in found)])


def everything(run: Run) -> Iterator[Piece]:
    """All lines that there are when this begins; nothing is held between two pieces."""
    at, (_, stop) = 0, between(run, 0, 0)
    while at < stop:
        with reading():
            pieces = _stored(run, at, stop)
        if len(pieces) < TOGETHER and not run.is_finished:
            pieces, _ = between(run, at, stop)
        if not pieces:
            return  # deleted meanwhile
        for piece in _contiguous(pieces, at, stop):
            yield piece
            at = piece.end
        time.sleep(0)  # Under gevent others get their turn between two megabytes.


def _window(run: Run, start: int, stop: int) -> Window:
    if run.is_finished:
        return Window([], 0)
    try:
        return log_stream.window(redis.client, run.id, start, stop)
    except RedisError as error:
        logger.warning("live output is out of reach", extra={"error": str(error)})
        return Window([], 0)


def _stored(run: Run, start: int, stop: int) -> list[Piece]:
    wanted = {"task": run.id, "start": start, "stop": stop}
    return [Piece.of_chunk(Chunk(*row)) for row in db.session.execute(_CHUNKS, wanted)]


def _line_count(run: Run) -> int:
    return db.session.scalar(select(Task.line_count).where(Task.id == run.id)) or 0


def _contiguous(pieces: Iterable[Piece], start: int, stop: int) -> Iterator[Piece]:
    """The lines from `start` up to the first that is missing, none of them twice."""
    for piece in pieces:
        if piece.end <= start:
            continue
        if piece.first_line > start or start >= stop:
            return
        yield piece.cut(start, stop)
        start = piece.end


def marks_in(pieces: Sequence[Piece]) -> list[Mark]:
    """The marks of consecutive pieces, each time once."""
    marks: list[Mark] = []
    for mark in (mark for piece in pieces for mark in piece.marks):
        if not marks or marks[-1][1] != mark[1]:
            marks.append(mark)
    return marks

"""A run's live output in a Redis stream: append, trim, read, follow many.

Entries: `{f, n, t, d}` are lines (first, count, ms, raw bytes), `{s}` a section that changed
(JSON), `{e}` the end with the total of lines. An entry's id is `<line after it>-<µs>`, so that
entries can be found and trimmed by line number, and a reader can begin at any line.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from app.lib.line_writer import Batch

PREFIX = "heliograph:output:"
KEPT_AFTER_END = 60  # seconds
KEPT_AFTER_LAST = 86_400  # seconds after the last lines were stored, if nobody has ended it
_LAST = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the output began, changed or ended; `json` is its row as the page gets it."""

    json: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The run is over and all its lines are in the database."""

    total: int


Entry = Batch | Section | End


@dataclass(frozen=True, slots=True)
class Window:
    """What a stream holds of some lines."""

    batches: list[Batch]  # ascending; they may hold more lines than asked for
    total: int  # the number after the last line that the stream knows of; 0: none


class Writer:
    """Appends to the stream of one task. All methods raise RedisError while Redis is away."""

    def __init__(self, redis: Redis, task_id: int) -> None:
        self._redis = redis
        self._key = key(task_id)
        self._last = 0

    def clear(self) -> None:
        """Remove what is there of an earlier attempt."""
        self._redis.delete(self._key)

    def batch(self, batch: Batch) -> None:
        lines: Any = {"f": batch.first_line, "n": batch.n_lines, "t": batch.ms, "d": batch.data}
        self._redis.xadd(self._key, lines, id=self._id(batch.end))

    def section(self, json: str, position: int) -> None:
        """`position` is the number of the next line."""
        self._redis.xadd(self._key, {"s": json}, id=self._id(position))

    def trim(self, end: int) -> None:
        """Forget the lines before `end`, which must be in the database; go away if forgotten."""
        pipeline = self._redis.pipeline()
        pipeline.xtrim(self._key, minid=f"{end + 1}-0" if end else "0-0", approximate=False)
        pipeline.expire(self._key, KEPT_AFTER_LAST)
        pipeline.execute()

    def end(self, total: int) -> None:
        """All `total` lines are in the database: say so, and go away in a minute."""
        pipeline = self._redis.pipeline()
        pipeline.xadd(self._key, {"e": total}, id=self._id(total))
        pipeline.expire(self._key, KEPT_AFTER_END)
        pipeline.execute()

    def _id(self, position: int) -> str:
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{position}-{self._last}"


def key(task_id: int) -> bytes:
    """The name of a task's stream."""
    return f"{PREFIX}{task_id}".encode()


def cursor(line: int) -> str:
    """The entry id after which to read for the line `line` and what follows; 0: everything."""
    return f"{line}-{_LAST}" if line else "0-0"


def parse(fields: Mapping[bytes, bytes]) -> Entry:
    """An entry from its fields."""
    if b"d" in fields:
        first, count, ms = (int(fields[name]) for name in (b"f", b"n", b"t"))
        return Batch(first, count, ms, fields[b"d"])
    return Section(fields[b"s"]) if b"s" in fields else End(int(fields[b"e"]))


def read(redis: Redis, task_id: int, line: int = 0) -> list[Entry]:
    """All entries from the one that holds the line `line`."""
    entries: Any = redis.xrange(key(task_id), min=f"({cursor(line)}")
    return [parse(fields) for _, fields in entries]


def window(redis: Redis, task_id: int, start: int, stop: int) -> Window:
    """The batches that hold lines of `start` to `stop`, in one round trip."""
    name, pipeline = key(task_id), redis.pipeline(transaction=False)
    pipeline.xrange(name, min=f"({cursor(start)}", max=cursor(stop))
    pipeline.xrange(name, min=f"({cursor(stop)}", count=1)
    pipeline.xrevrange(name, count=1)
    within, after, last = pipeline.execute()
    entries = [parse(fields) for _, fields in [*within, *after]]
    total = int(last[0][0].partition(b"-")[0]) if last else 0
    return Window([e for e in entries if isinstance(e, Batch) and e.first_line < stop], total)


def follow(
    redis: Redis, seen: Mapping[bytes, str], wait_ms: int
) -> Iterator[tuple[bytes, str, dict[bytes, bytes]]]:
    """What came after `seen` (name of a stream → entry id) on all of them, in one XREAD.

    Gives (name, entry id, fields) in the order of each stream; `parse` reads fields of a task's
    stream. Any other stream may be among them, for instance one that wakes the reader up. Waits
    `wait_ms` at most; needs a client that may wait so long.
    """
    wanted: Any = dict(seen)
    streams: Any = redis.xread(wanted, block=wait_ms)
    for name, entries in streams or ():
        for entry_id, fields in entries:
            yield name, entry_id.decode(), fields

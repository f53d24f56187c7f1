"""Where a run's output goes while it comes: its stream at once, the database in chunks."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable

from redis import RedisError

from app.lib.line_writer import BATCH, Batch
from app.lib.log_chunks import CHUNK, TOGETHER
from app.lib.log_stream import Writer
from app.services.task_output_sections import Section
from app.services.task_output_store import Store
from app.services.task_results import Rows

logger = logging.getLogger(__name__)

AGE, AGE_WITHOUT_REDIS = 2.0, 1.0  # seconds that what is not in the database may be old
LIVE = 8  # entries that stay in the stream although they are stored: readers may be a little late


class Sink:
    """Takes numbered batches and sections, for one thread.

    What writes raises Fenced once the task is somebody else's, and what the database says when it
    has been away for a minute. `on_stored` hears how many bytes are new in the database.
    """

    def __init__(self, store: Store, stream: Writer, on_stored: Callable[[int], None]) -> None:
        self._store, self._stream, self._on_stored = store, stream, on_stored
        self._oldest: float | None = None  # when the first of what is not stored came
        self._entries: deque[int] = deque()  # for each entry of lines in the stream, its end
        self._redis_back = 0.0  # Redis is not tried before
        self._is_complete = True  # whether the stream has all that is not in the database

    @property
    def due(self) -> float | None:
        """When, on the monotonic clock, `flush` must be called; None: everything is stored."""
        age = AGE if self._is_complete else AGE_WITHOUT_REDIS
        return None if self._oldest is None else self._oldest + age

    def begin(self) -> None:
        """Remove what an earlier attempt has left in the stream; it was salvaged."""
        self._send(self._stream.clear)

    def take(self, batch: Batch) -> None:
        """Pass a batch on. It is stored at once where there is enough for a transaction."""
        self._store.add(batch)
        self._grow_old()
        if not self._is_complete and time.monotonic() >= self._redis_back:
            # The stream may have a hole, or what somebody else has written who held the task.
            self.flush()
            self._send(self._stream.clear)
        if self._send(self._stream.batch, batch):
            self._entries.append(batch.end)
        flood = len(batch.data) > BATCH // 2  # more is coming: let a transaction take more
        if self._store.unstored >= (TOGETHER if flood else CHUNK):
            self._bring_in(everything=False)

    def announce(self, sections: Iterable[Section], position: int) -> None:
        """Pass sections on that have changed; the next line is `position`."""
        for section in sections:
            self._store.add_section(section)
            self._grow_old()
            self._send(self._stream.section, section.json(), position)

    def keep(self, results: Rows) -> None:
        """Results go into the database only: pages ask it for them."""
        if results:
            self._store.add_results(results)
            self._grow_old()

    def flush(self) -> None:
        """Bring everything into the database."""
        self._bring_in(everything=True)
        self._is_complete = True

    def finish(self) -> None:
        """The final status is committed: end the stream."""
        self._redis_back = 0.0
        self._send(self._stream.end, self._store.lines)

    def _grow_old(self) -> None:
        self._oldest = self._oldest or time.monotonic()

    def _bring_in(self, *, everything: bool) -> None:
        self._on_stored(self._store.store(everything=everything))
        self._oldest = time.monotonic() if self._store.unstored else None
        self._trim()

    def _trim(self) -> None:
        end = 0
        while len(self._entries) > LIVE and self._entries[0] <= self._store.lines:
            end = self._entries.popleft()
        self._send(self._stream.trim, end)

    def _send(self, command: Callable[..., None], *arguments: object) -> bool:
        """Do something with the stream; while Redis is away the database gets all of it sooner."""
        if time.monotonic() < self._redis_back:
            self._is_complete = False
            return False
        try:
            command(*arguments)
        except RedisError as error:
            self._redis_back = time.monotonic() + AGE_WITHOUT_REDIS
            self._is_complete = False
            logger.warning("output goes on without Redis", extra={"error": str(error)})
            return False
        return True

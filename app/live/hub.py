"""One reader per web process follows every stream that somebody watches, and passes on what comes.

It works in greenlets and in threads alike: everything about streams belongs to the reader, others
only leave wishes. A stream has one cursor. Who joins moves it back to where he wants to begin; the
others know up to where they have seen it and leave out what comes again. So nobody who joins, or
comes back, can miss or double anything, and there is no second way to read.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial

from redis import Redis, RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import PREFIX
from app.lib import log_stream
from app.live.messages import End, Viewer, parse, run_of
from app.services.live_events import Stored, position

logger = logging.getLogger(__name__)

WAIT_MS = 10_000  # how long one XREAD waits; what joins meanwhile wakes it
RETRY = 0.2  # seconds between attempts while Redis is away
CONTROL_SECONDS = 3600  # a process that was killed leaves its control stream behind for so long

Look = Callable[[Collection[int]], dict[int, Stored]]


class Stream:
    """A stream that somebody watches, and the entry up to which it was read."""

    def __init__(self, after: str) -> None:
        self.after = after
        self.viewers: dict[Viewer, None] = {}

    def rewind(self, after: str) -> None:
        self.after = min(self.after, after, key=position)


class Hub:
    """Passes on streams. `connect` makes a Redis client that may wait; `look` asks the database."""

    def __init__(self, commands: Redis, connect: Callable[[], Redis], look: Look) -> None:
        self._commands, self._connect, self._look = commands, connect, look
        self._lock = threading.Lock()  # guards the next two
        self._wishes: list[Callable[[], None]] = []
        self._reader: threading.Thread | None = None
        # What follows is the reader's own.
        self._streams: dict[bytes, Stream] = {}
        self._control = f"{PREFIX}hub:{secrets.token_hex(8)}".encode()
        self._heard = "0-0"
        self._away = False

    @property
    def is_idle(self) -> bool:
        """Whether nobody watches and nothing runs."""
        return self._reader is None and not self._streams

    def watch(self, viewer: Viewer, name: bytes, after: str) -> None:
        """Pass to `viewer` what comes to a stream after the entry id `after`."""
        self._wish(partial(self._join, viewer, name, after))

    def leave(self, viewer: Viewer, name: bytes | None = None) -> None:
        """Pass nothing more of a stream, or of any, to `viewer`, but what is on its way."""
        self._wish(partial(self._part, viewer, name))

    def _wish(self, wish: Callable[[], None]) -> None:
        with self._lock:
            self._wishes.append(wish)
            asleep = len(self._wishes) == 1 and threading.current_thread() is not self._reader
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, name="live", daemon=True)
                self._reader.start()
                return
        if asleep:
            self._wake()

    def _wake(self) -> None:
        """While Redis is away this fails, and the reader does not sleep."""
        with suppress(RedisError):
            pipeline = self._commands.pipeline()
            pipeline.xadd(self._control, {"w": 1}, maxlen=1)
            pipeline.expire(self._control, CONTROL_SECONDS)
            pipeline.execute()

    def _join(self, viewer: Viewer, name: bytes, after: str) -> None:
        stream = self._streams.setdefault(name, Stream(after))
        stream.viewers[viewer] = None
        stream.rewind(after)

    def _part(self, viewer: Viewer, name: bytes | None) -> None:
        for each in [name] if name else list(self._streams):
            if stream := self._streams.get(each):
                stream.viewers.pop(viewer, None)
                if not stream.viewers:
                    del self._streams[each]

    def _read(self) -> None:
        redis = self._connect()
        try:
            while self._carry_out():
                self._follow(redis)
        finally:
            redis.close()
            with self._lock:
                if self._reader is threading.current_thread():
                    self._reader = None  # it broke; the next wish starts another

    def _carry_out(self) -> bool:
        """Do what was wished for; False: nobody watches any more, and the reader ends."""
        while True:
            with self._lock:
                wishes, self._wishes = self._wishes, []
                if not wishes and not self._streams:
                    self._reader = None
                    return False
            for wish in wishes:
                wish()
            if self._streams:
                return True

    def _follow(self, redis: Redis) -> None:
        wait = 1 if self._away else WAIT_MS
        try:
            for name, entry_id, fields in log_stream.follow(redis, self._cursors(), wait):
                self._pass_on(name, entry_id, fields)
        except (RedisError, OSError) as error:
            if not self._away:
                logger.warning("live streams are out of reach", extra={"error": str(error)})
            self._away = True
            time.sleep(RETRY)
        else:
            if self._away:
                self._make_up()

    def _cursors(self) -> dict[bytes, str]:
        """Output before events, so that a run's last lines come before the news of its end."""
        names = sorted(self._streams, reverse=True)
        return {self._control: self._heard} | {name: self._streams[name].after for name in names}

    def _pass_on(self, name: bytes, entry_id: str, fields: dict[bytes, bytes]) -> None:
        if name == self._control:
            self._heard = entry_id
            return
        stream = self._streams.get(name)
        if stream is None:
            return
        stream.after = entry_id
        try:
            message = parse(name, entry_id, fields)
        except (ValueError, KeyError):
            logger.warning("unreadable entry", extra={"stream": name.decode(), "entry": entry_id})
            return
        for viewer in stream.viewers:
            message.pass_to(viewer)
        if isinstance(message, End):
            del self._streams[name]
        time.sleep(0)  # let others have their turn between two large batches

    def _make_up(self) -> None:
        """Redis is back. What it may have lost is in the database: say how far that goes."""
        viewers = {viewer for stream in self._streams.values() for viewer in stream.viewers}
        runs = {run: stream for name, stream in self._streams.items() if (run := run_of(name))}
        try:
            found = self._look(list(runs))
        except SQLAlchemyError:
            time.sleep(RETRY)
            return
        for run, stored in found.items():
            for viewer in runs[run].viewers:
                viewer.stored(run, stored)
            if stored.over:
                del self._streams[log_stream.key(run)]
        for viewer in viewers:
            viewer.outage()
        self._away = False

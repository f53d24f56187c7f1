"""What one client of the API's socket has been sent: every line and every change of status.

Its protocol knows no counters and no gaps. What the stream does not have any more, and what a slow
client could not take, is read from the store once the client has taken everything before.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from redis import RedisError
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError

from app.live.messages import End, Event, Lines, Section
from app.live.sockets import Outbox, frame_json
from app.models import FINISHED, TaskStatus
from app.services.live_events import Stored, position

PACE = 4 * 1024 * 1024  # bytes a second for a client that lags: others want to be served as well
RETRY = 1.0  # seconds until the store is asked again if it did not answer
REMEMBERED = 1000  # finished runs that must not be taken for new ones

Read = Callable[[int, int, int], list[bytes]]


@dataclass
class Run:
    """Up to where a run was sent."""

    id: int
    project_id: int
    next: int  # the first line that was not sent
    total: int  # lines that are known to exist
    over: bool = False  # there will be no more lines
    held: list[bytes] = field(default_factory=list)  # statuses that come after lines to be read
    last: bytes = b""  # the final status, which comes after the last line


class ApiViewer:
    """Implements app.live.messages.Viewer.

    `started(run)` is called when a run begins; `read(run, project, line)` gives the frames of some
    lines from that one on, none if there are none.
    """

    def __init__(self, ws: Server, started: Callable[[int], None], read: Read) -> None:
        self._lock = threading.Lock()  # between the reader, the sender and the socket's own thread
        self._started, self._read = started, read
        self._events: dict[int, tuple[int, int]] = {}
        self._runs: dict[int, Run] = {}
        self._lagging: dict[int, Run] = {}  # their streams are ignored, the store is read
        self._done: dict[int, None] = {}
        self._read_due = 0.0  # on the monotonic clock: the store is not asked before
        self.was_cut_off = False
        self.outbox = Outbox(ws, self._drained)

    @property
    def runs(self) -> list[int]:
        """The runs whose output it follows."""
        return list(self._runs)

    def hear(self, project_id: int, after: str) -> None:
        """From now on take events of a project that came after an id."""
        with self._lock:
            self._events[project_id] = position(after)

    def ignore(self, project_id: int) -> None:
        """Nothing more of a project, nor of its runs."""
        with self._lock:
            self._events.pop(project_id, None)
            for run in [r for r in self._runs.values() if r.project_id == project_id]:
                del self._runs[run.id]
                self._lagging.pop(run.id, None)

    def follow(self, run: int, project_id: int, line: int) -> bool:
        """From now on take a run's lines from `line` on; False: it is followed, or has ended."""
        with self._lock:
            return self._add(run, project_id, line)

    def _add(self, run: int, project_id: int, line: int) -> bool:
        if run in self._runs or run in self._done:
            return False
        self._runs[run] = Run(run, project_id, next=line, total=line)
        return True

    def outage(self) -> None:
        self.was_cut_off = True

    def section(self, section: Section, /) -> None:
        """The original knows no sections."""

    def event(self, event: Event, /) -> None:
        with self._lock:
            seen = self._events.get(event.project_id)
            if seen is None or event.position <= seen:
                return
            self._events[event.project_id] = event.position
            if event.api:
                self._status(event)

    def _status(self, event: Event) -> None:
        run_id, status = event.body["id"], event.body["st"]
        if status == TaskStatus.STARTING:
            self._add(run_id, event.project_id, 0)
            self._started(run_id)  # again, if its first worker has died
        run = self._runs.get(run_id)
        if run is None:
            self.outbox.put(event.api)
        elif status in FINISHED:
            run.last = event.api
            self._settle(run)
        elif run_id in self._lagging:
            run.held.append(event.api)
        else:
            self.outbox.put(event.api)

    def lines(self, lines: Lines, /) -> None:
        with self._lock:
            run = self._runs.get(lines.run)
            if run is None or lines.end <= run.next:
                return
            run.total = max(run.total, lines.end)
            if run.id in self._lagging or lines.first > run.next or self.outbox.is_full:
                self._fall_behind(run)
                return
            frames = lines.api(run.project_id)
            self.outbox.put(b"".join(frames[run.next - lines.first :]))
            run.next = lines.end

    def end(self, end: End, /) -> None:
        with self._lock:
            if run := self._runs.get(end.run):
                run.total, run.over = max(run.total, end.total), True
                self._settle(run)

    def stored(self, run_id: int, stored: Stored, /) -> None:
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                return
            run.total = max(run.total, stored.lines)
            if stored.over:
                run.over, run.last = True, run.last or frame_json(stored.update)
                self._settle(run)
            elif run.next < run.total:
                self._fall_behind(run)

    def _fall_behind(self, run: Run) -> None:
        if run.id not in self._lagging:
            self._lagging[run.id] = run
            self.outbox.put(b"")

    def _settle(self, run: Run) -> None:
        """The final status is sent when the last line is."""
        if run.next < run.total:
            self._fall_behind(run)
        elif run.over and run.last:
            self.outbox.put(run.last)
            del self._runs[run.id]
            self._done[run.id] = None
            if len(self._done) > REMEMBERED:
                del self._done[next(iter(self._done))]

    def _drained(self) -> float | None:
        """The client has taken everything: read on for a run that lags, at a pace."""
        with self._lock:
            if not self._lagging or self.outbox.waiting:
                return None
            run = next(iter(self._lagging.values()))
        begun = time.monotonic()
        if begun < self._read_due:
            return self._read_due - begun
        try:
            frames = self._read(run.id, run.project_id, run.next)
        except (SQLAlchemyError, RedisError):
            return RETRY
        self._read_due = begun + sum(map(len, frames)) / PACE
        with self._lock:
            self._read_on(run, frames)
        return 0.0  # and look for the next one

    def _read_on(self, run: Run, frames: list[bytes]) -> None:
        if run.id not in self._lagging:
            return  # its project was left meanwhile
        self.outbox.put(b"".join(frames))
        run.next += len(frames)
        if not frames and run.over:
            run.next = run.total  # it was deleted meanwhile
        del self._lagging[run.id]
        if run.next < run.total and frames:
            self._lagging[run.id] = run  # after the others: one that never ends stops none
            return
        for update in run.held:
            self.outbox.put(update)
        run.held.clear()
        self._settle(run)

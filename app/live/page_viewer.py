"""What one open page has been sent. A slow one gets counters and catches up by HTTP."""

import threading
from dataclasses import dataclass

from simple_websocket import Server

from app.live.messages import End, Event, Lines, Section
from app.live.sockets import Outbox, frame_json
from app.services.live_events import Stored, position

MOST_RUNS = 20  # that one page may watch


@dataclass
class Run:
    """Up to where a run was sent; with `behind` only counters, until nothing waits any more."""

    next: int  # the first line that was not sent
    rev: int  # of the newest section that was sent
    total: int = 0  # lines that the client knows of or will be told of
    behind: bool = False
    over: bool = False


class PageViewer:
    """Implements app.live.messages.Viewer. State: one number for each project and run."""

    def __init__(self, ws: Server) -> None:
        self._lock = threading.Lock()  # between the reader, the sender and who handles messages
        self._events: dict[int, tuple[int, int]] = {}
        self._runs: dict[int, Run] = {}
        self._resync = False
        self._has_missed = False  # something has to be told once the client has taken everything
        self.outbox = Outbox(ws, self._drained)

    @property
    def runs(self) -> list[int]:
        """The runs whose output it follows."""
        return list(self._runs)

    def hear(self, project_id: int, after: str) -> None:
        """From now on take events of a project that came after an id or a moment."""
        with self._lock:
            self._events[project_id] = position(after)

    def ignore(self, project_id: int) -> None:
        with self._lock:
            self._events.pop(project_id, None)

    def follow(self, run: int, line: int, rev: int) -> bool:
        """From now on take a run's lines from `line` on; False: that would be too many runs."""
        with self._lock:
            if len(self._runs) >= MOST_RUNS and run not in self._runs:
                return False
            self._runs[run] = Run(next=line, rev=rev, total=line)
            return True

    def unfollow(self, run: int) -> None:
        with self._lock:
            self._runs.pop(run, None)

    def tell(self, **message: object) -> None:
        """Send something that only this page gets."""
        self.outbox.put(frame_json(message))

    def resync(self) -> None:
        """The page must look at everything again."""
        with self._lock:
            self._resync = self._has_missed = True
            self.outbox.put(b"")

    outage = resync

    def event(self, event: Event, /) -> None:
        with self._lock:
            seen = self._events.get(event.project_id)
            if seen is None or event.position <= seen:
                return
            self._events[event.project_id] = event.position
            if self.outbox.is_full:
                self._resync = self._has_missed = True
            else:
                self.outbox.put(event.page)

    def lines(self, lines: Lines, /) -> None:
        with self._lock:
            run = self._runs.get(lines.run)
            if run is None or lines.end <= run.next:
                return
            run.total = max(run.total, lines.end)
            if not self._is_behind(run):
                for end, frame in lines.page:
                    if end > run.next:
                        self.outbox.put(frame)
            run.next = lines.end

    def section(self, section: Section, /) -> None:
        with self._lock:
            run = self._runs.get(section.run)
            if run is None or section.rev <= run.rev:
                return
            run.rev = section.rev
            if not self._is_behind(run):
                self.outbox.put(section.page)

    def end(self, end: End, /) -> None:
        with self._lock:
            if run := self._runs.get(end.run):
                self._finish(end.run, run, end.total)

    def stored(self, run_id: int, stored: Stored, /) -> None:
        """Tell of lines that the stream did not bring: the page fetches them."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                return
            if stored.over:
                self._finish(run_id, run, stored.lines)
            elif stored.lines > run.total:
                run.total = stored.lines
                self._count(run_id, run)

    def _is_behind(self, run: Run) -> bool:
        if self.outbox.is_full:
            run.behind = self._has_missed = True
        return run.behind

    def _finish(self, run_id: int, run: Run, total: int) -> None:
        run.total, run.over = max(run.total, total), True
        if not run.behind:
            self._count(run_id, run)

    def _count(self, run_id: int, run: Run) -> None:
        """Say how many lines there are, and whether there will be more."""
        if run.over:
            self.tell(t="end", r=run_id, total=run.total)
            del self._runs[run_id]
        else:
            self.tell(t="n", r=run_id, total=run.total, rev=run.rev)

    def _drained(self) -> None:
        """The client has taken everything: tell it what it has missed."""
        if not self._has_missed:
            return
        with self._lock:
            if self.outbox.waiting:
                return
            self._has_missed = False
            if self._resync:
                self._resync = False
                self.tell(t="resync")
            for run_id, run in list(self._runs.items()):
                if run.behind:
                    run.behind = False
                    self._count(run_id, run)

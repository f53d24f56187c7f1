"""What an ansible-playbook tells in JSON beside its output, and where in the log it belongs.

    callback in ansible ─┬─ JSON lines ── pipe ── thread of Results ─┬─ reporter.event
                         └─ marks ── output ── reporter.on_mark ─────┘

Nothing that comes through the pipe is trusted: a task that finds the descriptor can write there. It
can spoil what is told of its own run, and nothing else.
"""

import fcntl
import os
import secrets
import select
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from app.executors.ansible_events import Detail, Event, Result, Section, parse
from app.executors.spec import Reporter
from app.lib.ansible_text import AnsibleText, Part

PLUGINS = Path(__file__).with_name("ansible_plugins") / "callback"
PIPE_SIZE = 1 << 20
LONGEST = 4 << 20  # bytes of a JSON line; the callback's own are a tenth of it at most
PATIENCE = 10.0  # seconds to read what is left when all processes are gone
PAUSE = 50  # milliseconds to the next look for the marks of what was read
REST = 20  # milliseconds in which more gathers: each look costs ansible a change of processes
MARKS = 100_000  # that are remembered
MOST_RESULTS = 1_000_000  # of a run
MOST_DETAIL = 128 << 20  # bytes that are told in detail; of what comes later only how it ended
NO_ROOM = "The run has told too much: what came of this is in the log only"
MOST_HOSTS = 100_000  # that are counted as failed
SHORT = 200  # characters of a reason
MOST_PENDING = 1_000  # that wait for their marks


class Results:
    """Hears the callback of one ansible-playbook, which must find it in PLUGINS.

    `env` and `inherit` are for its Command, and `finish` is to be called when that has ended.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._nonce = secrets.token_hex(16)
        self._marks: dict[int, int | None] = {}  # id -> the first line that belongs to it
        self._order: deque[int] = deque()
        self._newest = 0
        self._pending: deque[Event] = deque()
        self._has_spoken = False
        self._reading = threading.Lock()
        self._results = self._detail = 0
        self._text = AnsibleText()
        self._failure = Failure()
        self._thread = threading.Thread(target=self._run, name="results", daemon=True)

    @property
    def env(self) -> dict[str, str]:
        """What the playbook needs in its environment."""
        return {"HELIOGRAPH_RESULTS_NONCE": self._nonce}

    @property
    def inherit(self) -> Mapping[str, int]:
        """The descriptor for the results, under the variable that tells its number."""
        return {"HELIOGRAPH_RESULTS": self._write_end}

    def __enter__(self) -> Self:
        self._read_end, self._write_end = os.pipe()
        with suppress(OSError):  # the user's share of pipe memory is used up
            fcntl.fcntl(self._read_end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self._reporter.on_mark(self._nonce, self._note)
        self._reporter.on_line(self._look_at)
        self._thread.start()
        return self

    def finish(self) -> str:
        """Tell what has not been told yet, and return what has failed first, "" if nothing.

        The playbook and all it started are gone, and its output is read to the end.
        """
        if self._write_end >= 0:
            os.close(self._write_end)
            self._write_end = -1
            self._thread.join(PATIENCE)
        return self._failure.words

    def __exit__(self, *_: object) -> None:
        self.finish()
        if not self._thread.is_alive():
            os.close(self._read_end)

    def _note(self, mark: int, first: int | None) -> None:
        """A mark has come by in the output; this is the output's thread."""
        self._marks[mark] = first
        self._newest = max(self._newest, mark)
        self._order.append(mark)
        if len(self._order) > MARKS:
            self._marks.pop(self._order.popleft(), None)

    def _look_at(self, number: int, _ms: int, text: str) -> None:
        """Without our callback the output itself says what it can."""
        if self._has_spoken or not (found := self._text.line(text)) or self._speaks():
            return
        if isinstance(found, Part):
            self._reporter.event("part", part=found.kind, title=found.title, line=number)
        else:
            self._reporter.event("recap", hosts={found.host: found.sums})

    def _speaks(self) -> bool:
        """Whether the callback, which says hello before ansible says anything, has been heard, or
        would be by looking now."""
        with self._reading:
            return self._has_spoken or _is_readable(self._read_end, 0)

    def _run(self) -> None:
        rest = bytearray()
        is_open = True
        while is_open:
            if _is_readable(self._read_end, PAUSE if self._pending else None):
                time.sleep(REST / 1000)
                data = self._read()
                is_open = bool(data)
                self._take(rest, data)
            self._tell(everything=not is_open)

    def _read(self) -> bytes:
        with self._reading:
            data = os.read(self._read_end, PIPE_SIZE)
            self._has_spoken = self._has_spoken or bool(data)
        return data

    def _take(self, rest: bytearray, data: bytes) -> None:
        """Make events of whole lines; what is no event, or too long, is passed over."""
        *lines, tail = (rest + data).split(b"\n")
        rest[:] = tail[: LONGEST + 1]
        for line in lines:
            event = parse(bytes(line)) if len(line) <= LONGEST else None
            if event is None or (isinstance(event, Result) and self._is_too_much(event, len(line))):
                continue
            self._pending.append(event)

    def _is_too_much(self, result: Result, size: int) -> bool:
        """Whether a run has so many results that this one is left out; it may lose its detail."""
        self._results += 1
        self._detail += size
        if self._detail > MOST_DETAIL:
            result.detail = Detail(msg=NO_ROOM)
        return self._results > MOST_RESULTS

    def _tell(self, *, everything: bool) -> None:
        """Pass on what has its place in the output; in the end also what has none."""
        while self._pending and (
            everything or self._pending[0].at <= self._newest or len(self._pending) > MOST_PENDING
        ):
            event = self._pending.popleft()
            self._failure.note(event)
            for kind, data in event.told(self._marks.get(event.at)):
                self._reporter.event(kind, **data)


class Failure:
    """What went wrong first, and on how many hosts something did."""

    def __init__(self) -> None:
        self._task, self._first = "", ""
        self._hosts: set[str] = set()

    @property
    def words(self) -> str:
        others = len(self._hosts) - 1
        more = f" ({others} more host{'s' if others > 1 else ''} failed)" if others > 0 else ""
        return f"{self._first}{more}"

    def note(self, event: Event) -> None:
        """Events come in the order of the output."""
        if isinstance(event, Section):
            self._task = event.name
        if isinstance(event, Result) and event.counts_as_failure and len(self._hosts) < MOST_HOSTS:
            self._first = self._first or self._sentence(event)
            self._hosts.add(event.host)

    def _sentence(self, result: Result) -> str:
        text = (result.detail.msg or result.detail.stderr).strip().split("\n")[0][:SHORT]
        what = (
            f"{result.host} is unreachable"
            if result.status == "unreachable"
            else f"“{self._task}” failed on {result.host}"
        )
        return f"{what}: {text}" if text else what


def _is_readable(handle: int, wait_ms: int | None) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(wait_ms))

"""Write a run's output, from the process and from us, while it comes.

    process ── LineReader ─┐
    lines of ours ─────────┴─ LineWriter ── batches ── Sink ─┬─ stream
    sections ── Sections ────────────────────────────────────┴─ chunks in the database

One thread does it all, so the order of everything is the order of the lines. While it writes it
does not read, which holds the process back and loses nothing.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.extensions import redis
from app.lib.line_reader import LineReader
from app.lib.line_writer import Batch, LineWriter
from app.lib.log_stream import Writer
from app.services.task_output_sections import Sections
from app.services.task_output_sink import Sink
from app.services.task_output_store import Store
from app.services.task_results import HostResults, masked
from app.services.task_states import Fenced

__all__ = ["Fenced", "TaskOutput"]

PAUSE = 0.25  # seconds in which results are gathered: each alone would cost as much as all of them
END_OF_PIPE = 5.0  # seconds after the last process in which its output must end
HELD_OPEN = "The output is held open by a process that has survived; the rest of it is not shown"

Listener = Callable[[int, int, str], None]


class TaskOutput:
    """The one writer of a task's output, for whoever holds the task under `claim`.

    Made within an application context, in a process that forks no more; the lines go on where an
    earlier attempt has ended. Raises Fenced if the task is somebody else's; `line` and `drain`
    raise it when that is found out later, and what the database said if it was away for a minute.
    """

    def __init__(self, task_id: int, claim: str) -> None:
        self._store = Store(db.engine, task_id, claim)
        before = self._store.before
        self._lines = LineWriter(first_line=before.lines)
        self._sink = Sink(self._store, Writer(redis.client, task_id), self._lines.release)
        self._reader = LineReader(self._lines)
        self._sections = Sections(before.sections, before.rev)
        self._results = HostResults()
        self._told_due: float | None = None  # when what was told beside the lines is passed on
        self._listeners: list[Listener] = []
        self._changed = threading.Condition()
        self._drain_by: float | None = None  # somebody waits; an open pipe is given up then
        self._is_closed = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"output-{task_id}", daemon=True)
        self._thread.start()

    def line(self, text: str, at: int | None = None) -> int:
        """Add a line of ours, or several, and return the number of the first.

        `at` is their time in ms since 1970 if it is not now. Blocks while 2 MB are not stored.
        """
        number = self._lines.line(text, at)
        self._reader.wake()
        return number

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these too from now on."""
        self._lines.hide(secrets)

    def mask(self, text: str) -> str:
        """What is stored elsewhere, such as the reason of a failure, without the secrets."""
        return self._lines.mask(text)

    def section(self, title: str, state: str, status: str = "", kind: str = "phase") -> None:
        """A section begins with the next line (`state` "begin"), or it has ended ("end")."""
        if state == "begin":
            self._sections.begin(kind, title, self._lines.position)
        else:
            self._sections.end(kind, title, self._lines.position, status)
        self._tell_within(0)

    def part(self, kind: str, title: str, line: int | None) -> None:
        """A play, a task, a handler or the recap begins; see Sections.part."""
        self._sections.part(kind, self.mask(title), line)
        self._tell_within(PAUSE)

    def result(self, line: int | None, host: str, status: str, **told: Any) -> None:
        """What the task that has begun last came to on a host; see HostResults.add."""
        went_on = told["ignored"] or told["rescued"]
        section = self._sections.count("ok" if went_on and status == "failed" else status)
        told["detail"] = masked(told["detail"], self.mask)
        line = self._lines.position if line is None else line
        self._results.add(section=section, line=line, host=self.mask(host), status=status, **told)
        self._tell_within(PAUSE)

    def recap(self, hosts: Mapping[str, Mapping[str, int]]) -> None:
        """How often each host came to what, as ansible counts it."""
        sums = {self.mask(host): counts for host, counts in hosts.items()}
        for outcome, number in self._results.recap(sums).items():
            self._sections.count(outcome, number)
        self._tell_within(PAUSE)

    def on_line(self, listener: Listener) -> None:
        """Call `listener(number, ms, text)` for each line from now on, before it is stored.

        It runs in the writer's thread and must not block.
        """
        self._listeners.append(listener)

    def on_mark(self, nonce: str, listener: Callable[[int, int | None], None]) -> None:
        """See LineWriter.on_mark; it runs in the writer's thread."""
        self._lines.on_mark(nonce, listener)

    def attach(self, fd: int) -> None:
        """Read the output of a process from `fd`; its owner closes it, after `drain`."""
        self._reader.attach(fd)

    def drain(self) -> None:
        """Return when the output has ended and every line is in the database.

        Call it when the last process is gone: if its output is still open after five seconds,
        somebody unknown holds it. Then the rest is given up, and the log says so.
        """
        self._lines.hurry()
        with self._changed:
            self._drain_by = time.monotonic() + END_OF_PIPE
            self._reader.wake()
            self._changed.wait_for(lambda: self._drain_by is None or self._failure)
            if self._failure:
                raise self._failure

    def finish(self) -> None:
        """The final status is committed: say so in the stream, which goes away in a minute."""
        self._sink.finish()

    def close(self) -> None:
        """Stop the writer, also if it waits for the database. What was not drained stays in the
        stream."""
        self._is_closed = True
        self._store.patience = 0.0
        self._reader.wake()
        self._thread.join()
        self._reader.close()

    def _run(self) -> None:
        failure: Exception = RuntimeError("The writer of the output has ended")
        try:
            self._sink.begin()
            while not self._is_closed:
                self._reader.wait(self._next_look())
                self._pass_on()
                self._store_what_is_due()
        except (Fenced, SQLAlchemyError) as error:
            failure = error
        finally:
            self._lines.fail(failure)
            with self._changed:
                self._failure = failure
                self._changed.notify_all()

    def _next_look(self) -> float | None:
        moments = (self._lines.due, self._sink.due, self._drain_by, self._told_due)
        return min((moment for moment in moments if moment is not None), default=None)

    def _pass_on(self) -> None:
        while batch := self._lines.take():
            for listener in self._listeners:
                _tell(listener, batch)
            self._sink.take(batch)
        if self._told_due is not None and time.monotonic() >= self._told_due:
            self._pass_on_what_was_told()

    def _tell_within(self, seconds: float) -> None:
        due = time.monotonic() + seconds
        if self._told_due is None or due < self._told_due:
            self._told_due = due
            self._reader.wake()

    def _pass_on_what_was_told(self) -> None:
        self._told_due = None  # first: what is told meanwhile is due again
        self._sink.announce(self._sections.changed(), self._lines.position)
        self._sink.keep(self._results.take())

    def _store_what_is_due(self) -> None:
        now, due, drain_by = time.monotonic(), self._sink.due, self._drain_by
        if due is not None and now >= due:
            self._sink.flush()
        if drain_by is None:
            return
        if self._reader.is_open and now >= drain_by and self._reader.give_up():
            self._lines.line(HELD_OPEN)
        if not self._reader.is_open:
            self._pass_on()  # again: something may have come between the last time and `drain`
            self._pass_on_what_was_told()
            self._end_drain()

    def _end_drain(self) -> None:
        if self._lines.due is None:
            self._sink.flush()
            with self._changed:
                self._drain_by = None
                self._changed.notify_all()


def _tell(listener: Listener, batch: Batch) -> None:
    text = batch.data.decode(errors="replace")
    for number, line in enumerate(text.split("\n")[:-1], batch.first_line):
        listener(number, batch.ms, line)

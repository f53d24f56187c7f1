"""Entries of the streams as messages. Frames are made once, for whoever wants them first."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from app.lib import log_stream
from app.lib.line_writer import Batch
from app.live.sockets import frame, frame_json
from app.services import live_events, task_output

MOST_LINES = 2000  # in one frame of the page


class Lines:
    """A batch of a run's output."""

    def __init__(self, run: int, batch: Batch) -> None:
        self.run, self.first, self.end = run, batch.first_line, batch.end
        self._batch = batch
        self._api: list[bytes] = []

    @cached_property
    def page(self) -> list[tuple[int, bytes]]:
        """Frames of the page, each with the number of the line after it."""
        lines = [task_output.shown(line) for line in self._texts]
        parts = [lines[at : at + MOST_LINES] for at in range(0, len(lines), MOST_LINES)]
        frames, first = [], self.first
        for part in parts:
            message = {"t": "l", "r": self.run, "o": first, "ms": self._batch.ms, "l": part}
            first += len(part)
            frames.append((first, frame_json(message)))
        return frames

    def api(self, project_id: int) -> list[bytes]:
        """The original's message for each line."""
        if not self._api:
            self._api = log_frames(self.run, project_id, self._batch.ms, self._texts)
        return self._api

    @property
    def _texts(self) -> list[bytes]:
        return self._batch.data.split(b"\n")[:-1]

    def pass_to(self, viewer: "Viewer") -> None:
        viewer.lines(self)


class Section:
    """A section of a run's output began, changed or ended."""

    def __init__(self, run: int, row: bytes) -> None:
        section = json.loads(row)
        self.run, self.rev = run, int(section.pop("rev"))
        self.page = frame_json({"t": "s", "r": run, "rev": self.rev, "s": [section]})

    def pass_to(self, viewer: "Viewer") -> None:
        viewer.section(self)


class End:
    """All lines of a run are stored."""

    def __init__(self, run: int, total: int) -> None:
        self.run, self.total = run, total

    def pass_to(self, viewer: "Viewer") -> None:
        viewer.end(self)


class Event:
    """Something happened in a project."""

    def __init__(self, project_id: int, event_id: str, body: bytes) -> None:
        self.project_id, self.position = project_id, live_events.position(event_id)
        self.body: dict[str, Any] = json.loads(body)
        self._id = event_id

    @cached_property
    def page(self) -> bytes:
        return frame_json({"i": self._id} | {k: v for k, v in self.body.items() if k != "update"})

    @cached_property
    def api(self) -> bytes:
        """The original's message, or nothing: it knows only of changed runs."""
        return frame_json(self.body["update"]) if self.body["t"] == "run" else b""

    def pass_to(self, viewer: "Viewer") -> None:
        viewer.event(self)


Message = Lines | Section | End | Event


class Viewer(Protocol):
    """Somebody who watches streams. A message may come to it again; it knows what it has seen."""

    def lines(self, lines: Lines, /) -> None: ...
    def section(self, section: Section, /) -> None: ...
    def end(self, end: End, /) -> None: ...
    def event(self, event: Event, /) -> None: ...

    def stored(self, run: int, stored: live_events.Stored, /) -> None:
        """What the database has of a run, in case the stream has lost something."""

    def outage(self) -> None:
        """Redis was away: events of that time were not sent."""


def parse(name: bytes, entry_id: str, fields: Mapping[bytes, bytes]) -> Message:
    """What an entry of the stream `name` says; ValueError or KeyError: nothing we know."""
    number = int(name.rpartition(b":")[2])
    if name == live_events.key(number):
        return Event(number, entry_id, fields[b"j"])
    entry = log_stream.parse(fields)
    if isinstance(entry, Batch):
        return Lines(number, entry)
    if isinstance(entry, log_stream.End):
        return End(number, entry.total)
    return Section(number, entry.json)


def run_of(name: bytes) -> int:
    """The run whose output a stream is; 0: it is another stream."""
    kind, _, number = name.decode().rpartition(":")
    return int(number) if f"{kind}:" == log_stream.PREFIX else 0


def log_frames(run: int, project_id: int, ms: int, lines: list[bytes]) -> list[bytes]:
    """The original's "log" message for each raw line; `ms` since 1970 is the time of all."""
    when = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    rest = {"time": when.replace("+00:00", "Z"), "task_id": run, "project_id": project_id}
    tail = "," + json.dumps(rest)[1:]
    texts = (json.dumps(line.decode(errors="replace"), ensure_ascii=False) for line in lines)
    return [frame(f'{{"type":"log","output":{text}{tail}') for text in texts]

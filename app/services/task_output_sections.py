"""The sections of a run's output: what is in the database, and what the page gets of it."""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self

LONGEST_TITLE = 1024  # characters
COUNTS = ("ok", "changed", "failed", "skipped", "unreachable")  # hosts by outcome
BAD = ("failed", "unreachable")
# What a tool's output has in it: one begins where the last of its depth, or deeper, ends.
DEPTHS = {"play": 1, "recap": 1, "task": 2, "handler": 2}


@dataclass(slots=True)
class Section:
    """A part of the output; lines from 0, times in ms since 1970, `last_line` is inside it."""

    seq: int
    kind: str
    title: str
    first_line: int
    first_ms: int
    rev: int  # grows with each change of any section of the task
    parent: int | None = None
    last_line: int | None = None
    last_ms: int | None = None
    status: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        """As pages get it."""
        return {
            "id": self.seq,
            "parent": self.parent,
            "kind": self.kind,
            "title": self.title,
            "from": self.first_line,
            "to": self.last_line,
            "status": self.status,
            "ms0": self.first_ms,
            "ms1": self.last_ms,
        } | {name: self.counts.get(name, 0) for name in COUNTS}

    @classmethod
    def of_json(cls, text: bytes) -> Self:
        """The section that `json` has written."""
        data = json.loads(text)
        counts = {name: data[name] for name in COUNTS if data[name]}
        names = {"id": "seq", "from": "first_line", "to": "last_line"}
        names |= {"ms0": "first_ms", "ms1": "last_ms"}
        values = {names.get(key, key): value for key, value in data.items() if key not in COUNTS}
        return cls(**values, counts=counts)

    @classmethod
    def of_row(cls, row: Any) -> Self:
        """The section of a row of the table."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    def json(self) -> str:
        """As it travels in the stream: what pages get, and `rev`."""
        return json.dumps(self.wire() | {"rev": self.rev}, separators=(",", ":"))


class Sections:
    """The sections that one writer opens and closes, from any thread."""

    def __init__(self, last_seq: int = 0, last_rev: int = 0) -> None:
        self._lock = threading.Lock()
        self._seq, self._rev = last_seq, last_rev
        self._open: list[Section] = []
        self._changed: dict[int, Section] = {}

    def begin(self, kind: str, title: str, line: int) -> None:
        """A section whose first line has that number; it lies in those that are open."""
        with self._lock:
            self._begin(kind, title, line)

    def part(self, kind: str, title: str, line: int | None) -> int:
        """A part of the tool's output begins (DEPTHS), at the last line where `line` is not known;
        returns the number of its section."""
        with self._lock:
            start = self._open[-1].first_line if self._open else 0
            line = start if line is None else max(line, start)
            inner = [part for part in self._open if DEPTHS.get(part.kind, 0) >= DEPTHS[kind]]
            for part in inner:
                self._close(part, line, _verdict(part))
            self._open = self._open[: len(self._open) - len(inner)]
            return self._begin(kind, title, line)

    def count(self, outcome: str, number: int = 1) -> int:
        """Hosts have come to this in the part that has begun last, and so in those around it;
        returns the number of its section, 0 if no part has begun."""
        with self._lock:
            parts = [part for part in self._open if part.kind in DEPTHS]
            for part in parts:
                part.counts[outcome] = part.counts.get(outcome, 0) + number
                self._note(part)
            return parts[-1].seq if parts else 0

    def end(self, kind: str, title: str, line: int, status: str) -> None:
        """The section has ended before that line, and what is open in it too."""
        with self._lock:
            names = [(section.kind, section.title) for section in self._open]
            name = kind, _kept(title)
            if name not in names:
                return
            place = len(names) - 1 - names[::-1].index(name)
            for section in self._open[place:]:
                is_part = section.kind in DEPTHS and status != "stopped"
                self._close(section, line, _verdict(section) if is_part else status)
            del self._open[place:]

    def changed(self) -> list[Section]:
        """What has changed since this was asked the last time."""
        with self._lock:
            changed, self._changed = list(self._changed.values()), {}
            return changed

    def _begin(self, kind: str, title: str, line: int) -> int:
        self._seq += 1
        parent = self._open[-1].seq if self._open else None
        section = Section(self._seq, kind, _kept(title), line, _now(), 0, parent)
        self._open.append(section)
        self._note(section)
        return section.seq

    def _close(self, section: Section, line: int, status: str) -> None:
        section.last_line, section.last_ms, section.status = line - 1, _now(), status
        self._note(section)

    def _note(self, section: Section) -> None:
        self._rev += 1
        section.rev = self._rev
        self._changed[section.seq] = section


def _verdict(part: Section) -> str:
    return "failed" if any(part.counts.get(outcome) for outcome in BAD) else "success"


def _kept(title: str) -> str:
    """What the column takes of a title; PostgreSQL refuses NUL."""
    return title.replace("\0", "")[:LONGEST_TITLE]


def _now() -> int:
    return time.time_ns() // 1_000_000

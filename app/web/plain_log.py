"""The log of a run as plain text, for browsers without scripts and for reading aloud."""

import re
from dataclasses import dataclass

from app.lib.escapes import without_escapes
from app.models import Task
from app.services import task_output

EACH = 200  # lines at each end
MOST = 12_000  # characters of an end: the page stays small whatever a run writes
WIDTH = 500  # characters of a line
TROUBLE = re.compile(r"error|fatal|failed|traceback", re.IGNORECASE)


@dataclass(frozen=True)
class Ends:
    """The first and the last lines of a log, and how many are left out between them."""

    total: int
    first: list[str]
    last: list[str]

    @property
    def left_out(self) -> int:
        return self.total - len(self.first) - len(self.last)


def ends(task: Task) -> Ends:
    """What the page of a run shows without scripts."""
    head = task_output.lines(task, 0, EACH)
    first = _some(head.lines)
    rest = max(head.total - EACH, len(first))
    tail = task_output.lines(task, rest, EACH) if rest < head.total else None
    last = _some(tail.lines[::-1])[::-1] if tail else []
    return Ends(max(head.total, len(first) + len(last)), first, last)


def telling_line(task: Task) -> int:
    """The number, from 1, of the first of the last lines that looks like an error.

    If none does it is the last line; 0 without any.
    """
    if task.log_deleted_at or not task.line_count:
        return 0
    start = max(0, task.line_count - EACH)
    tail = task_output.lines(task, start, EACH).lines
    found = (n for n, line in enumerate(tail, start + 1) if TROUBLE.search(text(line)))
    return next(found, task.line_count)


def text(line: str) -> str:
    """A line without escape sequences, and of what overwrote itself only the last."""
    plain = without_escapes(line.encode()).decode(errors="replace")
    return plain.rstrip("\r").rpartition("\r")[2]


def _some(lines: list[str]) -> list[str]:
    """The first ones, cut to width, as many as have room."""
    kept, left = [], MOST
    for line in map(text, lines):
        left -= min(len(line), WIDTH) + 1
        if left < 0:
            break
        kept.append(line if len(line) <= WIDTH else f"{line[:WIDTH]}…")
    return kept

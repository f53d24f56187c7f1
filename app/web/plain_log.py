"""The log of a run as plain text, for browsers without scripts and for reading aloud."""

from dataclasses import dataclass

from app.lib.escapes import without_escapes
from app.models import Task
from app.services import task_output

EACH = 200  # lines at each end
MOST = 12_000  # characters of an end: the page stays small whatever a run writes
WIDTH = 500  # characters of a line


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

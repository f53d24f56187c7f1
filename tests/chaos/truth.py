"""What the scripts themselves have noted, and what can be concluded from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Attempt:
    """One start of a script, in seconds since the epoch. `end` is None if it was cut off."""

    task_id: int
    pid: int
    name: str
    start: float
    lines: tuple[float, ...]
    end: float | None

    @property
    def seen_until(self) -> float:
        """When it certainly still worked."""
        return self.end or max((self.start, *self.lines))

    def worked_at(self, moment: float) -> bool:
        """Whether it had started and not ended; one that was cut off before is not told apart."""
        return self.start < moment and (self.end is None or self.end > moment)


def read(folder: Path) -> list[Attempt]:
    """All attempts of which the folder tells, in the order of their starts."""
    found = (_attempt(path) for path in folder.iterdir())
    return sorted((attempt for attempt in found if attempt), key=lambda attempt: attempt.start)


def _attempt(path: Path) -> Attempt | None:
    notes = [
        line.split() for line in path.read_text().splitlines(keepends=True) if line[-1:] == "\n"
    ]
    times = {
        what: [float(time) for time, noted in notes if noted == what]
        for what in ("start", "line", "end")
    }
    if not times["start"]:
        return None
    task_id, pid, _ = path.name.split(".")
    end = next(iter(times["end"]), None)
    return Attempt(int(task_id), int(pid), path.name, times["start"][0], tuple(times["line"]), end)


def most_at_once(attempts: Iterable[Attempt]) -> int:
    """How many of them certainly worked at the same moment, at most."""
    attempts = list(attempts)
    changes = [(attempt.start, 1) for attempt in attempts]
    changes += [(attempt.seen_until, -1) for attempt in attempts]
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most

"""What must be true after a round, each said of what can be seen from outside."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.load import FAILS, LIMIT, SECRET, Load
from tests.chaos.truth import Attempt, most_at_once

LATEST = 3.0  # seconds before a kill, from which on what a script says may not be stored yet
FINISHED = ("success", "error", "stopped")
LOST = ("died while it ran this", "shut down before the run had finished")


@dataclass
class Seen:
    """A round that is over: what the server says, and what the scripts do."""

    load: Load
    tasks: list[dict[str, Any]]
    attempts: list[Attempt]
    outputs: dict[int, str]  # by task
    killed_at: float
    slots: int

    def __post_init__(self) -> None:
        self.templates = {template["id"]: template for template in self.load.templates}
        self.of: defaultdict[int, list[Attempt]] = defaultdict(list)
        for attempt in self.attempts:
            self.of[attempt.task_id].append(attempt)


def broken(seen: Seen) -> list[str]:
    """What is not true, a sentence for each case; empty if all is well."""
    found = list(_vanished(seen))
    for task in seen.tasks:
        told = (*_state(seen, task), *_attempts(seen, task), *_output(seen, task))
        found += [f"task {task['id']} ({task['status']}): {text}" for text in told]
    return [*found, *_limits(seen)]


def _vanished(seen: Seen) -> Iterator[str]:
    known = {task["id"] for task in seen.tasks}
    yield from (f"task {n} was accepted and is gone" for n in set(seen.load.accepted) - known)
    yield from (f"task {n} ran and is gone" for n in seen.of.keys() - known)


def _state(seen: Seen, task: dict[str, Any]) -> Iterator[str]:
    """Whether the state is final and agrees with what the last attempt has noted."""
    status, reason = task["status"], task.get("reason", "")
    attempts = seen.of[task["id"]]
    last = attempts[-1] if attempts else None
    code = FAILS if seen.templates[task["template_id"]]["name"] == "fails" else 0
    if status not in FINISHED or not task["end"]:
        yield "it has not ended"
    if status == "success" and (last is None or last.end is None or code):
        yield "its script has not succeeded"
    if status == "stopped" and task["id"] not in seen.load.stopped:
        yield "nobody has stopped it"
    if status == "error":
        yield from _failure(seen, last, code, reason)


def _failure(seen: Seen, last: Attempt | None, code: int, reason: str) -> Iterator[str]:
    lost = any(text in reason for text in LOST)
    if not reason or "Traceback" in reason:
        yield f"nobody understands its reason: {reason!r}"
    if last is None:
        yield f"it has failed and never ran: {reason!r}"
    elif last.end is not None and not code and not (lost and last.end > seen.killed_at - 1):
        yield f"its script has succeeded: {reason!r}"
    elif last.end is None and last.seen_until < seen.killed_at - 1:
        yield f"its script was cut off before anything was killed: {reason!r}"


def _attempts(seen: Seen, task: dict[str, Any]) -> Iterator[str]:
    """Whether it ran once, and again only where that is allowed and one after the other."""
    attempts = seen.of[task["id"]]
    if len(attempts) > 1 and not seen.templates[task["template_id"]]["rerun_if_lost"]:
        yield f"it ran {len(attempts)} times"
    if most_at_once(attempts) > 1:
        yield "it ran twice at the same time"


def _output(seen: Seen, task: dict[str, Any]) -> Iterator[str]:
    """Whether each attempt's lines are there, in order, once, up to where it was cut off."""
    said: dict[str, list[int]] = {}
    for line in seen.outputs[task["id"]].splitlines():
        word, _, rest = line.partition(" ")
        if word == "line":
            name, _, number = rest.partition(" ")
            said.setdefault(name, []).append(int(number))
    if SECRET in seen.outputs[task["id"]]:
        yield "its output shows a secret"
    attempts = seen.of[task["id"]]
    if strangers := said.keys() - {attempt.name for attempt in attempts}:
        yield f"it has lines of {strangers}"
    for attempt in attempts:
        stored = said.get(attempt.name, [])
        old = sum(moment < seen.killed_at - LATEST for moment in attempt.lines)
        least = old if attempt.end is None or task["status"] != "success" else len(attempt.lines)
        if stored != list(range(len(stored))):
            yield f"lines of {attempt.name} are lost, doubled or out of order: {stored}"
        elif not least <= len(stored) <= len(attempt.lines):
            yield f"{len(stored)} lines of {attempt.name} are stored, {least} at least were said"


def _limits(seen: Seen) -> Iterator[str]:
    if (most := most_at_once(seen.attempts)) > seen.slots:
        yield f"{most} tasks ran at once on {seen.slots} slots"
    groups: defaultdict[int, list[Attempt]] = defaultdict(list)
    limited = []
    for task in seen.tasks:
        groups[task["template_id"]] += seen.of[task["id"]]
        limited += seen.of[task["id"]] if task["project_id"] == seen.load.limited else []
    if (most := most_at_once(limited)) > LIMIT:
        yield f"{most} tasks of the project with a limit of {LIMIT} ran at once"
    for template_id, attempts in groups.items():
        template = seen.templates[template_id]
        if not template["allow_parallel_tasks"] and (most := most_at_once(attempts)) > 1:
            yield f"{most} tasks of template {template['name']} ran at once"


def left_behind(data_dir: Path) -> Iterator[str]:
    """Processes of runs and files with a secret that are still there."""
    for name in Path("/proc").iterdir():
        try:
            environ = (name / "environ").read_bytes() if name.name.isdigit() else b""
        except OSError:
            continue
        if b"HELIOGRAPH_RUN=" in environ and str(data_dir).encode() in environ:
            yield f"process {name.name} of a run is still there"
    for path in data_dir.rglob("*"):
        if path.is_file() and not path.is_symlink() and SECRET.encode() in _content(path):
            yield f"{path.relative_to(data_dir)} holds a secret"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""

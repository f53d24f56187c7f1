"""What tasks can reach of the server on this machine, in words; and whether any may start."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.executors import self_test
from app.executors.isolation import NO_LANDLOCK, OFF, REQUIRED
from app.executors.self_test import DANGERS, MINOR, Findings
from app.extensions import settings
from app.services import engine_settings


class Line(NamedTuple):
    """One sentence about the protection; `state` is ok, note or bad."""

    state: str
    label: str
    text: str


class Refusal:
    """Why no task starts in this process and what it forks; "" where tasks may."""

    reason = ""


def examine() -> Findings:
    """Try what a task can reach here; this process must have one thread only."""
    return self_test.run(engine_settings.of_server(), settings().REDIS_URL)


def require() -> Findings | None:
    """Where isolation is required: try it, and refuse all tasks unless it holds."""
    if settings().TASK_ISOLATION != REQUIRED:
        return None
    found = examine()
    if not found.is_isolated:
        why = found.error or f"tasks reach {', '.join(found.reached)}"
        Refusal.reason = (
            f"TASK_ISOLATION is “required”, but {why}" if found.landlock else NO_LANDLOCK
        )
    return found


def lines(facts: Mapping[str, Any]) -> Iterator[Line]:
    """What holds, what does not, and what to do, from the facts of a worker."""
    found = Findings(
        facts["mode"],
        facts["landlock"],
        tuple(facts["reached"]),
        facts["tried"],
        facts["error"],
        facts.get("user", ""),
    )
    yield _verdict(found)
    if found.is_isolated:
        yield from _limits(found)
    if MINOR & set(found.reached) and found.is_isolated:
        yield Line("note", "fix", "a kernel from 6.12 keeps tasks from signalling the server")
    if not found.is_isolated:
        yield from _remedies(found)
    yield from (Line("bad", "danger", DANGERS[name]) for name in found.reached if name in DANGERS)


def _limits(found: Findings) -> Iterator[Line]:
    if found.landlock:
        yield Line("note", "limits", "sudo in tasks does not work on this machine")
    if found.user and not found.landlock:
        yield Line("note", "known", f"runs of {found.user} can read each other")
    if not found.user:
        yield Line("note", "known", "tasks can see and chmod hidden files, not read them")


def _verdict(found: Findings) -> Line:
    if found.error:
        return Line("bad", "tasks", f"unknown: {found.error}")
    if not found.is_isolated:
        by_setting = ", by setting" if found.mode == OFF else ""
        return Line("bad", "tasks", f"NOT isolated{by_setting}: a task can read the server")
    minor = "; tasks can signal the server" if MINOR & set(found.reached) else ""
    refused = f"self-test {found.tried - len(found.reached)} of {found.tried} refused"
    parts = [f"run as {found.user}"] if found.user else []
    parts += [f"Landlock ABI {found.landlock}"] if found.landlock else []
    return Line("ok", "tasks", f"isolated: {', '.join([*parts, refused])}{minor}")


def _remedies(found: Findings) -> Iterator[Line]:
    if found.reached:
        yield Line("note", "reached", ", ".join(found.reached))
    if found.mode == OFF:
        yield Line("note", "fix", "remove TASK_ISOLATION=off")
    elif not found.landlock:
        yield Line("note", "why", "this kernel has no Landlock; only memory is protected")
        yield Line("note", "fix", "use a kernel with Landlock (Linux 5.13), or set TASK_USER")

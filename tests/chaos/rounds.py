"""One round: start, kill, wait for the end of everything, compare."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos import truth
from tests.chaos.invariants import FINISHED, LOST, Seen, broken, left_behind
from tests.chaos.load import Load, Stream, prepare
from tests.chaos.product import Product
from tests.chaos.truth import Attempt
from tests.chaos.victims import KINDS
from tests.lib.processes import is_alive

ALL_OVER = 240.0  # seconds after which what has not ended never will
FULL = 60.0  # seconds in which each slot must hold a task
AFTERWARDS = 20.0  # seconds in which a new task must have succeeded


@dataclass(frozen=True)
class Size:
    """How much goes on in a round."""

    running: int = 10  # slots, and tasks that run before anything is killed
    waiting: int = 50
    later: int = 10  # tasks that are started while it is killed
    lines: int = 25  # of each script, ten a second


@dataclass
class Result:
    """What a round has shown; only one that has hit what held a running task counts."""

    kind: str
    counted: bool = False
    tasks: int = 0
    lost: int = 0  # tasks that ended because of the kill, in truth
    again: int = 0  # tasks that were started again
    recovery: float = 0.0  # seconds
    afterwards: float = 0.0  # seconds for a new task when all was over
    reasons: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


def play(product: Product, kind: str, size: Size) -> Result:
    """One round on a product that runs; it runs again afterwards."""
    load = prepare(product, size.lines)
    load.hold()
    for number in range(size.running + size.waiting):
        load.start(number)
    assert wait(lambda: len(alive(load)) >= size.running, FULL), "not all slots hold a task"
    stream = Stream(load, product.port, range(size.running, size.running + size.later))
    stream.start()
    stop_some(load)
    time.sleep(random.uniform(0, 1))
    victim, killed_at = kill(product, kind, load)
    load.release()
    answered = recover(product, kind)
    stream.join()
    result = over(product, load, killed_at, kind)
    result.counted = victim.worked_at(killed_at)
    result.recovery = max(result.recovery, answered - killed_at)
    return result


def alive(load: Load) -> list[Attempt]:
    return [a for a in truth.read(load.truth) if a.end is None and is_alive(a.pid)]


def stop_some(load: Load) -> None:
    """Ask one task that runs and one that waits to stop, as people do at any time."""
    tasks = load.tasks()
    for status in ("running", "waiting"):
        load.stop(next(task for task in tasks if task["status"] == status))


def kill(product: Product, kind: str, load: Load) -> tuple[Attempt, float]:
    """Kill one process of the kind; the attempt that it held, and when."""
    for attempt in random.sample(found := alive(load), len(found)):
        if attempt.task_id not in load.stopped:
            with suppress(OSError):  # it has ended just now
                pid = KINDS[kind].find(product, attempt)
                moment = time.time()
                os.kill(pid, signal.SIGKILL)
                return attempt, moment
    raise AssertionError("no task runs")


def recover(product: Product, kind: str) -> float:
    """Do what is not the product's to do; when it answered again."""
    time.sleep(0.3)
    if revive := KINDS[kind].revive:
        revive(product)
    product.until_ready()
    product.client.call("GET", "/user/")
    return time.time()


def over(product: Product, load: Load, killed_at: float, kind: str) -> Result:
    """Wait for the end of all tasks; compare what is said of them with what they did."""
    violations = []
    if not wait(lambda: all(task["status"] in FINISHED for task in load.tasks()), ALL_OVER):
        violations.append(f"not all tasks had ended after {ALL_OVER:.0f} s")
    violations += left_behind(product.data_dir)
    tasks, attempts = load.tasks(), truth.read(load.truth)
    outputs = {task["id"]: load.output(task) for task in tasks}
    seen = Seen(load, tasks, attempts, outputs, killed_at, product.slots)
    violations += broken(seen)
    result = Result(kind, tasks=len(tasks), violations=violations)
    lost = [task for task in tasks if any(text in task.get("reason", "") for text in LOST)]
    again = [second.start for more in seen.of.values() for second in more[1:]]
    ends = [datetime.fromisoformat(task["end"]).timestamp() for task in lost]
    next_start = min((a.start for a in attempts if a.start > killed_at), default=killed_at)
    result.lost, result.again = len(lost), len(again)
    result.recovery = max([next_start, *again, *ends]) - killed_at
    result.reasons = sorted({task["reason"] for task in tasks if "reason" in task})
    result.afterwards = new_task(load, violations)
    return result


def new_task(load: Load, violations: list[str]) -> float:
    """Seconds until a task that is started now has succeeded."""
    begun = time.monotonic()
    task_id = load.start(0)
    wait(lambda: _status(load, task_id) in FINISHED, AFTERWARDS)
    if (status := _status(load, task_id)) != "success":
        violations.append(f"a new task was {status} after {AFTERWARDS:.0f} s")
    return time.monotonic() - begun


def _status(load: Load, task_id: int) -> Any:
    return next(task["status"] for task in load.tasks() if task["id"] == task_id)


def wait(condition: Callable[[], object], seconds: float) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.25)
    return True

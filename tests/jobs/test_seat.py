"""The seat for which idle slots wait: one has it, and whoever ends frees it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.jobs.seat import Seat
from app.lib.process_tree import descendants
from app.models import TaskStatus
from tests.jobs.conftest import SLOTS, finishes, until


def child(work: Callable[[], None]) -> int:
    if pid := os.fork():
        return pid
    work()
    os._exit(0)


def holder(seat: Seat, taken: Path) -> int:
    """A process that sits there until it is killed."""

    def hold() -> None:
        seat.take()
        taken.touch()
        signal.pause()

    pid = child(hold)
    end = time.monotonic() + 30
    while not taken.exists():
        assert time.monotonic() < end
        time.sleep(0.005)
    return pid


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_who_does_not_get_it_in_time_goes_without_it(tmp_path: Path) -> None:
    seat, before = Seat(), signal.getsignal(signal.SIGALRM)
    other = holder(seat, tmp_path / "taken")
    assert not seat.take_within(0.01)
    assert signal.getsignal(signal.SIGALRM) is before
    end(other)


def test_it_is_free_after_the_death_of_its_holder(tmp_path: Path) -> None:
    seat = Seat()
    end(holder(seat, tmp_path / "taken"))
    assert seat.take_within(30)


def test_a_child_does_not_keep_it(tmp_path: Path) -> None:
    seat = Seat()
    seat.take()
    kept = child(lambda: time.sleep(30))
    seat.leave()
    other = holder(seat, tmp_path / "taken")
    end(other)
    end(kept)


@pytest.mark.processes
def test_one_slot_waits_and_the_others_run_as_many_tasks(worker, script, start) -> None:
    until(lambda: len(worker.horses()) == 1)
    template = script("sleep 2", allow_parallel_tasks=True)
    tasks = [start(template) for _ in range(SLOTS)]
    until(lambda: sum(bool(descendants(horse)) for horse in worker.horses()) == SLOTS)
    assert {finishes(task).status for task in tasks} == {TaskStatus.SUCCESS}
    until(lambda: len(worker.horses()) == 1)


@pytest.mark.processes
def test_a_slot_that_dies_leaves_the_seat_to_another(worker, script, start) -> None:
    (horse,) = until(lambda: len(found := worker.horses()) == 1 and found)
    os.kill(next(slot for slot in worker.slots if horse in descendants(slot)), signal.SIGKILL)
    assert finishes(start(script("echo hello"))).status == TaskStatus.SUCCESS

"""A work horse that waits in advance: one order, and no life of its own."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.jobs.spare import Spare
from app.models import TaskStatus
from tests.jobs.conftest import finishes, until


def nothing() -> None:
    pass


def wait(look: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not look():
        assert time.monotonic() < end
        time.sleep(0.01)


def status_of(spare: Spare) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(spare.pid, 0)[1])


def test_it_prepares_at_once_and_obeys_its_order(tmp_path: Path) -> None:
    prepared, obeyed = tmp_path / "prepared", tmp_path / "obeyed"

    def obey(order: dict) -> None:
        obeyed.write_text(order["job"])
        os._exit(7)

    spare = Spare.fork(prepared.touch, obey)
    wait(prepared.exists)
    assert spare.is_alive and not obeyed.exists()
    spare.send({"job": "one"})
    assert status_of(spare) == 7 and obeyed.read_text() == "one"


def test_an_idle_one_ends_by_sigterm() -> None:
    spare = Spare.fork(nothing, os._exit)
    os.kill(spare.pid, signal.SIGTERM)
    wait(lambda: not spare.is_alive)
    with pytest.raises(ChildProcessError):
        os.waitpid(spare.pid, 0)


def test_an_order_for_one_that_has_died_raises_nothing() -> None:
    spare = Spare.fork(nothing, os._exit)
    os.kill(spare.pid, signal.SIGKILL)
    os.waitid(os.P_PID, spare.pid, os.WEXITED | os.WNOWAIT)
    spare.send({"job": "one"})
    assert status_of(spare) == -signal.SIGKILL


def test_one_whose_preparation_fails_ends() -> None:
    def fail() -> None:
        raise OSError

    assert status_of(Spare.fork(fail, os._exit)) == 1


@pytest.mark.processes
def test_a_slot_whose_spare_was_killed_still_runs_tasks(worker, script, start) -> None:
    spares = until(lambda: len(found := worker.horses()) == 1 and found)
    for spare in spares:
        os.kill(spare, signal.SIGKILL)
    assert finishes(start(script("echo hello"))).status == TaskStatus.SUCCESS

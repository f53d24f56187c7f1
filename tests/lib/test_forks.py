"""Children come back when they die, and end when their parent wants it."""

import itertools
import os
import select
import signal
import sys
import time
from pathlib import Path

from app.lib.forks import AGAIN, FIRST_PAUSE, Forks


def sleeper() -> None:
    time.sleep(300)


def until(forks: Forks, done) -> None:
    """Tend until something is true; a test that waits for ever is ended by its time limit."""
    while not done():
        forks.tend()
        time.sleep(0.01)


def end(forks: Forks) -> None:
    forks.forward(signal.SIGKILL)
    assert forks.wait(10)


def test_a_child_that_dies_comes_back_after_a_growing_pause(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def dies() -> None:
        with log.open("a") as file:
            file.write(f"{time.monotonic()}\n")
        os._exit(1)

    forks = Forks()
    forks.add("dies", dies)
    until(forks, lambda: log.exists() and len(log.read_text().split()) >= 4)
    at = [float(line) for line in log.read_text().split()]
    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert pauses[2] > pauses[0] >= 0.05
    end(forks)


def test_a_child_that_wants_to_be_forked_afresh_is_not_slowed_down(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def ends() -> None:
        with log.open("a") as file:
            file.write("x")
        sys.exit(AGAIN)

    forks = Forks()
    forks.add("ends", ends)
    until(forks, lambda: log.exists() and len(log.read_text()) >= 12)  # else it takes 20 seconds
    assert forks.children[0].pause == FIRST_PAUSE
    end(forks)


def test_an_exception_ends_the_child_and_not_the_parent(tmp_path: Path) -> None:
    def raises() -> None:
        (tmp_path / "ran").touch()
        raise ValueError("in the child")

    forks = Forks()
    forks.add("raises", raises)
    until(forks, (tmp_path / "ran").exists)
    end(forks)


def test_children_end_on_a_signal_and_nobody_is_started_any_more() -> None:
    forks = Forks()
    for name in "abc":
        forks.add(name, sleeper)
    forks.tend()
    pids = forks.pids
    assert len(pids) == 3
    forks.forward(signal.SIGTERM)
    assert forks.wait(10)
    assert forks.pids == []


def test_wait_says_who_did_not_end_in_time() -> None:
    forks = Forks()
    forks.add("sleeper", sleeper)
    forks.tend()
    assert not forks.wait(0.1)
    end(forks)


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    parent = os.fork()
    if parent == 0:
        forks = Forks()
        forks.add("child", sleeper)
        forks.tend()
        (tmp_path / "pid").write_text(str(forks.pids[0]))
        time.sleep(300)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    child = os.pidfd_open(int((tmp_path / "pid").read_text()))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert _gone(child)


def _gone(handle: int) -> bool:
    """Whether the process of a pidfd ends within ten seconds."""
    return bool(select.select([handle], [], [], 10)[0])

"""Finding and ending processes: all that are meant, and nobody else."""

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator

import pytest

from app.lib.process_tree import (
    MARK,
    Process,
    descendants,
    kill_children,
    kill_marked,
    send,
)
from tests.lib.processes import is_alive, marked, until

pytestmark = pytest.mark.processes


def start(script: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["bash", "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ | env
    )


@pytest.fixture
def others() -> set[int]:
    """The children that the tests around this one have."""
    return set(descendants(os.getpid()))


@pytest.fixture
def family(others: set[int]) -> Iterator[subprocess.Popen[str]]:
    """A process with a child and a grandchild; it says their pids."""
    with start("bash -c 'sleep 900 & echo $!; wait' & echo $!; wait") as parent:
        yield parent
        kill_children(others)


def two_pids(parent: subprocess.Popen[str]) -> list[int]:
    assert parent.stdout
    return [int(parent.stdout.readline()) for _ in range(2)]


def test_descendants_are_everything_below(family: subprocess.Popen[str]) -> None:
    below = two_pids(family)
    assert sorted(descendants(family.pid)) == sorted(below)
    assert {family.pid, *below} <= set(descendants(os.getpid()))


def test_a_process_without_children_has_no_descendants(family: subprocess.Popen[str]) -> None:
    assert descendants(max(two_pids(family), key=lambda pid: not descendants(pid))) == []


def test_children_are_killed_with_all_that_is_below(
    family: subprocess.Popen[str], others: set[int]
) -> None:
    below = two_pids(family)
    kill_children(others)
    assert not any(is_alive(pid) for pid in [family.pid, *below])


def test_children_that_are_killed_are_left_for_their_owner_to_reap(others: set[int]) -> None:
    with start("sleep 900") as child:
        kill_children(others)
        assert child.wait() == -signal.SIGKILL


def test_excluded_children_and_what_is_below_them_live_on(
    family: subprocess.Popen[str], others: set[int]
) -> None:
    below = two_pids(family)
    with start("sleep 900") as other:
        kill_children({family.pid, *others})
        assert other.wait() == -signal.SIGKILL
    assert all(is_alive(pid) for pid in [family.pid, *below])


def test_marked_processes_are_found_wherever_they_are() -> None:
    mark = uuid.uuid4().hex
    with start("setsid sleep 900 & (sleep 900 &) ; echo", **{MARK: mark}) as child:
        child.wait()
        until(lambda: len(marked(mark)) == 2)
        assert kill_marked(mark)
    assert marked(mark) == []


def test_other_marks_are_left_alone() -> None:
    mark = uuid.uuid4().hex
    with start("exec sleep 900", **{MARK: mark}) as child:
        assert kill_marked(mark[:-1])
        assert is_alive(child.pid)
        child.kill()


def test_a_mark_that_nobody_has_is_no_error() -> None:
    assert kill_marked(uuid.uuid4().hex)


def test_a_signal_does_not_reach_a_stranger_who_got_the_same_pid() -> None:
    with start("exec sleep 900") as child:
        send(Process(child.pid, started=1), signal.SIGKILL)
        child.terminate()
        assert child.wait() == -signal.SIGTERM

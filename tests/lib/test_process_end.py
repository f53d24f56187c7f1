"""How a command ends: by itself, by signals, by kill; nothing of it is left."""

import os
import signal
import threading

import pytest

from app.lib.process import CommandNotStarted, Guardian
from tests.lib.guarded_commands import (
    DAEMON,
    DEAF,
    HOLDER,
    SETSID,
    fork_parent,
    output_of,
    read_line,
    run,
)
from tests.lib.processes import is_alive, marked, until

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("code", [0, 1, 127, 255])
def test_the_exit_code_is_the_commands(guardian: Guardian, code: int) -> None:
    run(guardian, f"exit {code}")
    assert guardian.wait(None) == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_death_by_signal_is_128_and_its_number(guardian: Guardian, number: int) -> None:
    run(guardian, f"ulimit -c 0; kill -{int(number)} $$")
    assert guardian.wait(None) == 128 + number


def test_waiting_ends_without_a_code_while_the_command_runs(guardian: Guardian) -> None:
    run(guardian, "sleep 900")
    assert guardian.wait(0) is None


def test_the_code_can_be_asked_for_again(guardian: Guardian) -> None:
    run(guardian, "exit 3")
    assert [guardian.wait(None), guardian.wait(0)] == [3, 3]


def test_sigterm_reaches_a_trap(guardian: Guardian) -> None:
    run(guardian, 'trap "echo trapped; exit 9" TERM; echo ready; while :; do sleep 0.05; done')
    assert read_line(guardian) == b"ready\n"
    guardian.terminate()
    assert output_of(guardian).endswith(b"trapped\n")
    assert guardian.wait(None) == 9


SLOW_CHILD = "bash -c 'trap \"sleep 0.3; echo cleaned; exit\" TERM; echo ready; sleep 900 & wait'"

DEAF_CHILD = "bash -c 'trap \"\" TERM; echo $$ ready; while :; do sleep 900; done'"


def test_what_the_command_runs_may_clean_up_after_it_has_died(guardian: Guardian) -> None:
    run(guardian, f"{SLOW_CHILD}; echo never")
    assert read_line(guardian) == b"ready\n"
    guardian.terminate()
    assert output_of(guardian) == b"cleaned\n"
    assert guardian.wait(None) == 128 + signal.SIGTERM


def test_what_does_not_obey_has_time_until_it_is_killed(guardian: Guardian, mark: str) -> None:
    run(guardian, f"echo $$; {DEAF_CHILD}; echo never")
    shell, child = int(read_line(guardian)), int(read_line(guardian).split()[0])
    guardian.terminate()
    until(lambda: not is_alive(shell))
    assert guardian.wait(0) is None
    assert is_alive(child)
    guardian.kill()
    assert guardian.wait(0) == 128 + signal.SIGTERM
    assert marked(mark) == []


def test_what_has_left_the_group_is_not_waited_for(guardian: Guardian, mark: str) -> None:
    run(guardian, f"{SETSID}\n{DAEMON}\necho started; exec sleep 900")
    read_line(guardian)
    guardian.terminate()
    assert guardian.wait(None) == 128 + signal.SIGTERM
    assert marked(mark) == []


def test_a_stop_may_be_repeated_and_then_the_parent_die(mark: str) -> None:
    parent, guardian = fork_parent(mark, f"{DEAF_CHILD} & echo started; wait", stops=2)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    until(lambda: not is_alive(guardian))
    assert marked(mark) == []


def test_sigterm_before_the_start_does_nothing(guardian: Guardian) -> None:
    guardian.terminate()
    run(guardian, "echo alive")
    assert output_of(guardian) == b"alive\n"


@pytest.mark.parametrize("straggler", [SETSID, DAEMON, DEAF, HOLDER])
def test_what_the_command_leaves_behind_is_killed(
    guardian: Guardian, mark: str, straggler: str
) -> None:
    run(guardian, f"{straggler}\necho started; exit 5")
    assert output_of(guardian) == b"started\n"  # the end of the output comes with their death
    assert guardian.wait(None) == 5
    assert marked(mark) == []


@pytest.mark.parametrize("straggler", [SETSID, DAEMON, DEAF, HOLDER])
def test_kill_reaches_everything(guardian: Guardian, mark: str, straggler: str) -> None:
    run(guardian, f"trap '' TERM\n{straggler}\necho started; wait; sleep 900")
    read_line(guardian)
    guardian.kill()
    assert marked(mark) == []
    assert guardian.wait(0) == 128 + signal.SIGKILL


def test_kill_can_be_repeated_and_comes_late(guardian: Guardian) -> None:
    run(guardian, "exit 4")
    assert guardian.wait(None) == 4
    guardian.kill()
    guardian.kill()
    assert guardian.wait(0) == 4


def test_kill_before_the_start_ends_the_guardian(guardian: Guardian) -> None:
    guardian.kill()
    with pytest.raises(CommandNotStarted, match="has died"):
        run(guardian, "echo never")
    assert not is_alive(guardian.pid)


def test_kill_from_another_thread_ends_the_wait(guardian: Guardian) -> None:
    run(guardian, "echo started; sleep 900")
    read_line(guardian)
    killer = threading.Thread(target=guardian.kill)
    killer.start()
    assert guardian.wait(None) == 128 + signal.SIGKILL
    killer.join()


def test_processes_that_hop_from_fork_to_fork_are_caught(guardian: Guardian, mark: str) -> None:
    """Each lives 10 ms and starts its successor: their number stays, their pids do not."""
    run(guardian, "hop() { (sleep 0.01; hop) & }; hop; hop; hop; echo started; sleep 900")
    read_line(guardian)
    guardian.kill()
    assert marked(mark) == []


def test_a_stopped_guardian_still_obeys_kill(
    guardian: Guardian, mark: str, caplog: pytest.LogCaptureFixture
) -> None:
    run(guardian, "kill -STOP $PPID; echo stopped; sleep 900")
    read_line(guardian)
    guardian.kill()
    assert marked(mark) == []
    assert caplog.messages == []  # it ended in order, not by force


def test_closing_kills_and_gives_descriptors_back(mark: str) -> None:
    before = len(os.listdir("/proc/self/fd"))
    guardian = Guardian.fork(mark)
    run(guardian, "echo started; sleep 900")
    read_line(guardian)
    guardian.close()
    guardian.close()
    assert marked(mark) == []
    assert len(os.listdir("/proc/self/fd")) == before

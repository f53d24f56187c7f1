"""Nothing that a supervisor has started is left when it ends."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib.processes import is_alive, marked, until
from tests.supervisors import DEAF, STRAYS, THREE, Server, program

pytestmark = pytest.mark.processes


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    for pid in marked(made.mark):
        os.kill(pid, signal.SIGKILL)
    made.process.wait()


def nothing_left(server: Server) -> bool:
    return not [pid for pid in marked(server.mark) if is_alive(pid)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_after_a_stop(server: Server, number: int) -> None:
    server.start(*THREE, program("strays", STRAYS))
    server.wait_for("strays starts")
    server.signal(number)
    assert server.end()[0] == 0
    assert marked(server.mark) == []


def test_nothing_is_left_after_a_kill_of_the_first_process(server: Server) -> None:
    server.start(*THREE, program("strays", STRAYS), program("deaf", DEAF))
    server.wait_for("deaf starts")
    server.signal(signal.SIGKILL)
    server.end()
    until(lambda: nothing_left(server))


def test_nothing_is_left_after_a_kill_of_the_supervising_process(server: Server) -> None:
    server.start(*THREE, program("strays", STRAYS), program("deaf", DEAF))
    server.wait_for("deaf starts")
    os.kill(server.supervising("web"), signal.SIGKILL)
    assert server.end()[0] == 1
    assert marked(server.mark) == []


def test_the_programs_themselves_die_if_both_are_killed_at_once(server: Server) -> None:
    server.start(*THREE)
    server.wait_for("worker starts")
    both = [server.process.pid, server.supervising("web")]
    programs = [server.pid_of(name) for name in ("store", "web", "worker")]
    for pid in both:
        os.kill(pid, signal.SIGSTOP)  # neither sees the other's end
    for pid in reversed(both):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in programs))


def test_a_program_that_does_not_stop_in_time_is_killed_with_its_tree(server: Server) -> None:
    server.start(program("store"), program("deaf", DEAF, stop_limit=0.2))
    server.wait_for("deaf starts")
    server.signal(signal.SIGTERM)
    assert server.end()[0] == 0
    assert server.log[-1] == "store stops"  # the others were asked all the same
    assert marked(server.mark) == []


def test_the_overall_limit_counts_for_all_together(server: Server) -> None:
    deaf = [program(f"deaf{number}", DEAF, stop_limit=600.0) for number in range(3)]
    server.start(*deaf, limit=0.3)
    server.wait_for("deaf2 starts")
    server.signal(signal.SIGTERM)
    assert server.end()[0] == 0
    assert marked(server.mark) == []


def test_a_second_ctrl_c_ends_the_patience(server: Server) -> None:
    server.start(program("deaf", DEAF, stop_limit=600.0), limit=600.0)
    server.wait_for("deaf starts")
    server.signal(signal.SIGINT)
    while server.process.poll() is None:  # a press within the first second counts as the same
        server.signal(signal.SIGINT)
        try:
            server.process.wait(timeout=0.3)
        except subprocess.TimeoutExpired:
            continue
    assert marked(server.mark) == []


def test_a_stop_while_starting_ends_what_has_started(server: Server) -> None:
    server.start(program("store", ready="never"), program("web"))
    server.wait_for("store starts")
    server.signal(signal.SIGTERM)
    assert server.end()[0] == 0
    assert server.log == ["store starts", "store stops"]


def test_ctrl_c_on_the_terminal_reaches_the_first_process_only(server: Server) -> None:
    server.start(*THREE)
    server.wait_for("worker starts")
    os.killpg(server.process.pid, signal.SIGINT)
    assert server.end()[0] == 0
    assert server.log[3:] == ["worker stops", "web stops", "store stops"]

"""The supervisor with small stand-in programs: order, restarts, and that nothing stays behind."""

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib.processes import marked, until
from tests.supervisors import DONE, OBEYS, STARTS, THREE, Server, program

pytestmark = pytest.mark.processes


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    for pid in marked(made.mark):
        os.kill(pid, signal.SIGKILL)
    made.process.wait()


# Starting


def test_programs_start_in_order_and_stop_in_the_opposite_one(server: Server) -> None:
    server.start(*THREE)
    server.wait_for("worker starts")
    server.signal(signal.SIGTERM)
    assert server.end()[0] == 0
    assert server.log == [
        *["store starts", "web starts", "worker starts"],
        *["worker stops", "web stops", "store stops"],
    ]


def test_a_program_waits_until_the_one_before_is_ready(server: Server) -> None:
    server.start(program("store", "sleep 0.3; touch up; " + OBEYS, ready="up"), program("web"))
    server.wait_for("web starts")
    assert server.log == ["store starts", "web starts"]
    server.signal(signal.SIGTERM)
    server.end()


def test_a_program_that_runs_once_ends_before_the_next_starts(server: Server) -> None:
    server.start(program("migrate", "sleep 0.3; " + DONE, once=True), program("web"))
    server.wait_for("web starts")
    server.signal(signal.SIGTERM)
    assert server.end()[0] == 0
    assert server.log == ["migrate done", "web starts", "web stops"]


def test_a_failure_of_what_runs_once_ends_everything(server: Server) -> None:
    failing = program("migrate", "exit 3", once=True)
    server.start(program("store", ready="store.pid"), failing, program("web"))
    code, output = server.end()
    assert code == 1
    assert "program ended: migrate 3" in output
    assert server.log == ["store starts", "store stops"]


def test_a_program_reads_what_it_is_given_and_then_the_end(server: Server) -> None:
    server.start(program("store", "cat > given; " + OBEYS, stdin="password 123\n"))
    server.wait_for("store starts")
    server.signal(signal.SIGTERM)
    server.end()
    assert (server.directory / "given").read_text() == "password 123\n"


def test_what_a_program_has_to_announce_is_printed_once_it_is_ready(server: Server) -> None:
    web = program("web", "touch up; " + OBEYS, ready="up", announcement="http://here")
    server.start(web, program("worker"))
    server.wait_for("worker starts")
    os.kill(server.pid_of("web"), signal.SIGKILL)
    server.wait_for("web starts", times=2)
    server.signal(signal.SIGTERM)
    assert server.end()[1].splitlines().count("http://here") == 1


def test_output_of_the_programs_goes_where_the_supervisors_goes(server: Server) -> None:
    server.start(program("web", "echo said; echo complained >&2; " + OBEYS))
    server.wait_for("web starts")
    server.signal(signal.SIGTERM)
    assert server.end() == (0, "said\ncomplained\n")


def test_a_quiet_program_is_heard_on_standard_error_only(server: Server) -> None:
    server.start(program("store", "echo said; echo complained >&2; " + OBEYS, quiet=True))
    server.wait_for("store starts")
    server.signal(signal.SIGTERM)
    assert server.end() == (0, "complained\n")


# Starting again


@pytest.mark.parametrize("name", ["store", "web", "worker"])
def test_a_program_that_was_killed_comes_back(server: Server, name: str) -> None:
    server.start(*THREE)
    server.wait_for("worker starts")
    before = server.pid_of(name)
    os.kill(before, signal.SIGKILL)
    server.wait_for(f"{name} starts", times=2)
    until(lambda: server.pid_of(name) != before)
    assert len(server.log) == 4  # the others were left alone
    server.signal(signal.SIGTERM)
    code, output = server.end()
    assert code == 0
    assert f"program ended: {name} -9" in output


def test_pauses_between_restarts_grow(server: Server) -> None:
    server.start(program("web", "date +%s%N >> log; exit 1"))
    until(lambda: len(server.log) == 6)
    server.signal(signal.SIGTERM)
    server.end()
    times = [int(line) / 1e9 for line in server.log[:6]]
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert all(pause >= 0.1 * 2**number for number, pause in enumerate(pauses))


def test_a_program_that_cannot_be_started_is_tried_again(server: Server) -> None:
    shell = server.directory / "shell"
    server.start(program("web", shell=str(shell)))
    until(lambda: "program cannot be started: web No such file" in server.said)
    shell.symlink_to("/bin/bash")
    server.wait_for("web starts")
    server.signal(signal.SIGTERM)
    assert server.end()[0] == 0


def test_what_the_others_need_comes_back_while_they_stop(server: Server) -> None:
    """SIGTERM to a whole service reaches all at once; the worker still needs its store."""
    waits = "until [ -e drained ]; do sleep 0.02; done"
    drains = f"trap '{waits}; exit' TERM; " + STARTS + "sleep 900 & wait"
    server.start(program("store", until_its_turn=True), program("web"), program("worker", drains))
    server.wait_for("worker starts")
    server.signal(signal.SIGTERM)
    for name in ("store", "web"):
        os.kill(server.pid_of(name), signal.SIGTERM)
    server.wait_for("store starts", times=2)
    (server.directory / "drained").touch()
    assert server.end()[0] == 0
    assert server.log.count("web starts") == 1
    assert server.log[-1] == "store stops"

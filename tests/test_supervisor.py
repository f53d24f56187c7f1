"""The supervisor with small stand-in programs: order, restarts, and that nothing stays behind."""

import itertools
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.processes import is_alive, marked, parent_of, until

pytestmark = pytest.mark.processes

MAIN = """
import json, logging, os, pathlib, sys
from app.lib.guarded import Program
from app.lib.supervisor import supervise

def program(name, script, ready="", announcement="", stdin="", **options):
    ready = pathlib.Path(os.environ["THERE"], ready) if ready else None
    argv = [options.pop("shell", "bash"), "-c", 'cd "$THERE"\\n' + script]
    return Program(
        name, argv, os.environ | {"NAME": name},
        stdin=stdin.encode(), ready=ready and ready.exists,
        announcement=(lambda: announcement) if announcement else None, **options)

logging.basicConfig(format="%(message)s: %(program)s %(status)s")
settings = json.loads(sys.argv[1])
sys.exit(supervise([program(**p) for p in settings["programs"]], limit=settings["limit"]))
"""

STARTS = 'echo "$NAME starts" >> log; echo $$ > "$NAME.new"; mv "$NAME.new" "$NAME.pid"\n'
# The trap comes first: whoever has said that it starts must be able to obey.
OBEYS = "trap 'echo \"$NAME stops\" >> log; exit' TERM; " + STARTS + "sleep 900 & wait"
DEAF = "trap '' TERM; " + STARTS + "setsid sleep 900 & while :; do sleep 900; done"
STRAYS = STARTS + "setsid bash -c 'trap \"\" TERM; while :; do sleep 900; done' & exec sleep 900"
DONE = 'echo "$NAME done" >> log'


class Server:
    """A supervisor that runs programs in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.mark = directory, uuid.uuid4().hex

    def start(self, *programs: dict[str, Any], limit: float = 30.0) -> None:
        settings = json.dumps({"programs": programs, "limit": limit})
        with (self.directory / "said").open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", MAIN, settings],
                cwd=Path(__file__).parents[1],
                env=os.environ | {"THERE": str(self.directory), "SUPERVISED": self.mark},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return (self.directory / "said").read_text()

    @property
    def log(self) -> list[str]:
        path = self.directory / "log"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, line: str, times: int = 1) -> None:
        until(lambda: self.log.count(line) >= times)

    def pid_of(self, name: str) -> int:
        path = self.directory / f"{name}.pid"
        until(path.exists)
        return int(path.read_text())

    def supervising(self, name: str) -> int:
        """Pid of the supervising process: the parent of the programs."""
        return parent_of(self.pid_of(name))

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Exit code, and all output."""
        return self.process.wait(60), self.said


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    for pid in marked(made.mark):
        os.kill(pid, signal.SIGKILL)
    made.process.wait()


def program(name: str, script: str = OBEYS, **options: Any) -> dict[str, Any]:
    return {"name": name, "script": script, **options}


# Each is ready when it has said that it starts.
THREE = [program(name, ready=f"{name}.pid") for name in ("store", "web", "worker")]


def nothing_left(server: Server) -> bool:
    return not [pid for pid in marked(server.mark) if is_alive(pid)]


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


# Ending


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

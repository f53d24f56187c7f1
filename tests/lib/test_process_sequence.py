"""One guardian, several commands: each is watched, isolated and stoppable like the first."""

import contextlib
import os
import signal
import threading
import uuid
from pathlib import Path

import pytest

from app.lib.process import CommandNotStarted, Guardian
from tests.lib.processes import is_alive, marked, parent_of, until

pytestmark = pytest.mark.processes

ENV = {"PATH": os.environ["PATH"]}
STOPS_ITS_GUARDIAN = "kill -STOP $PPID"


def run(guardian: Guardian, script: str) -> None:
    guardian.start(["bash", "-c", script], cwd="/", env=ENV)


def output_of(guardian: Guardian) -> bytes:
    parts = []
    while part := os.read(guardian.output, 65536):
        parts.append(part)
    return b"".join(parts)


def result_of(guardian: Guardian, script: str) -> tuple[bytes, int | None]:
    run(guardian, script)
    return output_of(guardian), guardian.wait(None)


def test_each_command_has_its_own_output_and_code(guardian: Guardian) -> None:
    results = [result_of(guardian, f"echo {n}; exit {n}") for n in range(20)]
    assert results == [(b"%d\n" % n, n) for n in range(20)]


def test_all_commands_are_children_of_one_guardian(guardian: Guardian) -> None:
    for _ in range(2):
        run(guardian, "echo $$; sleep 900")
        assert parent_of(int(os.read(guardian.output, 20))) == guardian.pid
        guardian.terminate()
        guardian.wait(None)


def test_what_was_left_of_a_command_is_gone_before_the_next(guardian: Guardian, mark: str) -> None:
    assert result_of(guardian, "setsid sleep 900 & disown; exit 5") == (b"", 5)
    assert marked(mark) == []
    assert result_of(guardian, "echo next") == (b"next\n", 0)


def test_a_command_inherits_nothing_of_the_one_before(guardian: Guardian) -> None:
    result_of(guardian, "exit 0")
    guardian.start(["ls", "/proc/self/fd"], cwd="/", env=ENV)
    assert output_of(guardian) == b"0\n1\n2\n3\n"  # the last is the directory that ls reads


def test_commands_leave_no_descriptor_anywhere(guardian: Guardian) -> None:
    result_of(guardian, "exit 0")
    folders = ("/proc/self/fd", f"/proc/{guardian.pid}/fd")
    before = [len(os.listdir(folder)) for folder in folders]
    for _ in range(5):
        result_of(guardian, "exit 0")
        with pytest.raises(CommandNotStarted):
            guardian.start(["no-such-tool"], cwd="/", env=ENV)
    assert [len(os.listdir(folder)) for folder in folders] == before


def test_a_refused_command_does_not_end_the_guardian(guardian: Guardian) -> None:
    with pytest.raises(CommandNotStarted, match="no-such-tool was not found"):
        guardian.start(["no-such-tool"], cwd="/", env=ENV)
    assert (output_of(guardian), guardian.wait(None)) == (b"", 127)
    assert result_of(guardian, "echo next; exit 3") == (b"next\n", 3)


def test_a_stop_concerns_only_the_command_that_runs(guardian: Guardian) -> None:
    run(guardian, "echo ready; exec sleep 900")
    os.read(guardian.output, 20)
    guardian.terminate()
    assert guardian.wait(None) == 128 + signal.SIGTERM
    guardian.terminate()
    assert result_of(guardian, "sleep 0.2; echo whole") == (b"whole\n", 0)


def test_a_stop_does_not_make_the_next_command_wait_for_its_group(guardian: Guardian) -> None:
    run(guardian, "echo ready; exec sleep 900")
    os.read(guardian.output, 20)
    guardian.terminate()
    guardian.wait(None)
    assert result_of(guardian, "sleep 900 & exit 4") == (b"", 4)


# Kill is final


def test_nothing_starts_after_a_kill_between_two_commands(guardian: Guardian, mark: str) -> None:
    result_of(guardian, "exit 4")
    guardian.kill()
    assert guardian.wait(0) == 4
    with pytest.raises(CommandNotStarted, match="has died"):
        run(guardian, "sleep 900")
    assert guardian.wait(0) == 128 + signal.SIGKILL
    assert marked(mark) == []


def test_a_kill_at_any_moment_between_commands_prevents_the_next(tmp_path: Path) -> None:
    """One thread runs commands as fast as it can, another kills: nothing runs after the kill."""
    for number in range(30):
        mark = uuid.uuid4().hex
        guardian = Guardian.fork(mark)
        started = threading.Event()

        def go_on(guardian: Guardian = guardian, started: threading.Event = started) -> None:
            with pytest.raises(CommandNotStarted):
                while True:
                    guardian.start(["true"], cwd="/", env=ENV)
                    started.set()
                    guardian.wait(None)

        runner = threading.Thread(target=go_on)
        runner.start()
        started.wait()
        threading.Event().wait(number / 3000)  # another moment each time
        guardian.kill()
        assert marked(mark) == []
        runner.join(30)
        assert not runner.is_alive()
        guardian.close()


def test_several_threads_may_wait_while_commands_come_and_go(guardian: Guardian) -> None:
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.001):
            guardian.wait(0.01)

    watchers = [threading.Thread(target=watch) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    codes = [result_of(guardian, f"exit {n}")[1] for n in range(8)]
    over.set()
    for watcher in watchers:
        watcher.join()
    assert codes == list(range(8))


# A command against its guardian


def test_a_guardian_that_was_stopped_still_tells_the_end(guardian: Guardian) -> None:
    assert result_of(guardian, f"{STOPS_ITS_GUARDIAN}; exit 6") == (b"", 6)
    assert result_of(guardian, "echo next") == (b"next\n", 0)


def test_a_command_that_kills_its_guardian_at_once_gains_nothing(
    guardian: Guardian, mark: str
) -> None:
    """Its start may have been told before that, or not."""
    with contextlib.suppress(CommandNotStarted):
        run(guardian, "kill -KILL $PPID; exec sleep 900")
    assert guardian.wait(None) == 128 + signal.SIGKILL
    assert marked(mark) == []


def test_a_guardian_that_was_killed_runs_nothing_more(guardian: Guardian, mark: str) -> None:
    run(guardian, "setsid sleep 900 & sleep 900")
    os.kill(guardian.pid, signal.SIGKILL)
    assert guardian.wait(None) == 128 + signal.SIGKILL
    assert marked(mark) == []
    with pytest.raises(CommandNotStarted, match="has died"):
        run(guardian, "echo never")


def test_a_guardian_that_is_killed_between_two_commands_is_noticed(guardian: Guardian) -> None:
    result_of(guardian, "exit 0")
    os.kill(guardian.pid, signal.SIGKILL)
    with pytest.raises(CommandNotStarted, match="has died"):
        run(guardian, "echo never")
    assert guardian.wait(None) == 128 + signal.SIGKILL


def test_the_end_of_the_parent_ends_an_idle_guardian(mark: str) -> None:
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            guardian = Guardian.fork(mark)
            result_of(guardian, "exit 0")
            os.write(write_end, b"%d" % guardian.pid)
            signal.pause()
        finally:
            os._exit(1)
    pid = int(os.read(read_end, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    until(lambda: not is_alive(pid))
    os.close(read_end)
    os.close(write_end)


# Descriptors that a command is given


def test_a_command_finds_what_it_inherits_by_its_variable(guardian: Guardian) -> None:
    read_end, write_end = os.pipe()
    argv = ["bash", "-c", "echo told >&$RESULTS"]
    guardian.start(argv, cwd="/", env=ENV, inherit={"RESULTS": write_end})
    os.close(write_end)
    assert os.read(read_end, 20) == b"told\n"
    guardian.wait(None)
    assert os.read(read_end, 20) == b""  # the guardian has kept nothing
    os.close(read_end)


def test_a_command_inherits_nothing_else(guardian: Guardian, tmp_path: Path) -> None:
    paths = [tmp_path / "one", tmp_path / "two"]
    given = {path.name.upper(): os.open(path, os.O_CREAT) for path in paths}
    # Of the six one is the listing itself.
    script = "readlink /proc/self/fd/$ONE /proc/self/fd/$TWO; set -- /proc/$$/fd/*; echo $#"
    guardian.start(["bash", "-c", script], cwd="/", env=ENV, inherit=given)
    assert output_of(guardian).decode().split() == [*map(str, paths), "6"]
    for handle in given.values():
        os.close(handle)


def test_the_standard_output_goes_where_it_is_wanted(guardian: Guardian, tmp_path: Path) -> None:
    with (tmp_path / "told").open("w+b") as told:
        argv = ["bash", "-c", "echo for the file; echo for the pipe >&2"]
        guardian.start(argv, cwd="/", env=ENV, stdout=told.fileno())
        assert output_of(guardian) == b"for the pipe\n"
        assert guardian.wait(None) == 0
        told.seek(0)
        assert told.read() == b"for the file\n"
    assert result_of(guardian, "echo again") == (b"again\n", 0)

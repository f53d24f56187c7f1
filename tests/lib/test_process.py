"""The guardian: one command, exact surroundings, and nothing that outlives it."""

import fcntl
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.lib.process import CommandNotStarted, Guardian
from app.lib.process_tree import MARK
from tests.lib.processes import is_alive, marked, parent_of, until

pytestmark = pytest.mark.processes

ENV = {"PATH": os.environ["PATH"]}
FORK_TWICE = "os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0)"
DAEMON = f"python3 -c 'import os, time; {FORK_TWICE}; time.sleep(900)'"
SETSID = "setsid sleep 900 & disown"
DEAF = "(trap '' TERM INT HUP; while :; do sleep 900; done) & disown"
HOLDER = "(exec sleep 900) & disown"  # keeps the output open


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def guardian(mark: str) -> Iterator[Guardian]:
    made = Guardian.fork(mark)
    yield made
    made.close()
    assert marked(mark) == []


def run(guardian: Guardian, script: str, cwd: str | Path = "/", **env: str) -> None:
    guardian.start(["bash", "-c", script], cwd=cwd, env=ENV | env)


def output_of(guardian: Guardian) -> bytes:
    parts = []
    while part := os.read(guardian.output, 65536):
        parts.append(part)
    return b"".join(parts)


def read_line(guardian: Guardian) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(guardian.output, 1)
    return line


# What the command gets


def test_the_environment_is_exactly_the_given_one_and_the_mark(
    guardian: Guardian, mark: str
) -> None:
    given = ENV | {"ONE": "1", "TEXT": "a b\nc=ü"}
    guardian.start(["env", "-0"], cwd="/", env=given)
    lines = [part.decode() for part in output_of(guardian).split(b"\0") if part]
    assert dict(line.split("=", 1) for line in lines) == given | {MARK: mark}


def test_bytes_that_are_not_text_reach_the_command(guardian: Guardian) -> None:
    run(guardian, 'printf %s "$RAW"', RAW=os.fsdecode(b"\xff\xfe"))
    assert output_of(guardian) == b"\xff\xfe"


def test_a_large_environment_reaches_the_command(guardian: Guardian) -> None:
    many = {f"LONG{number}": "x" * 100_000 for number in range(15)}
    run(guardian, 'echo "${#LONG0} ${#LONG14}"', **many)
    assert output_of(guardian) == b"100000 100000\n"


def test_the_command_runs_in_its_directory(guardian: Guardian, tmp_path: Path) -> None:
    guardian.start(["pwd"], cwd=tmp_path, env=ENV)
    assert output_of(guardian).decode() == f"{tmp_path}\n"


def test_output_and_errors_come_in_order_through_one_pipe(guardian: Guardian) -> None:
    run(guardian, "echo one; echo two >&2; echo three")
    assert output_of(guardian) == b"one\ntwo\nthree\n"


def test_the_pipe_takes_a_megabyte(guardian: Guardian) -> None:
    run(guardian, "exit 0")
    assert fcntl.fcntl(guardian.output, fcntl.F_GETPIPE_SZ) == 1 << 20


def test_there_is_no_input(guardian: Guardian) -> None:
    run(guardian, "cat; readlink /proc/self/fd/0")
    assert output_of(guardian) == b"/dev/null\n"


def test_no_descriptor_of_the_parent_is_inherited(mark: str, tmp_path: Path) -> None:
    secret = os.open(tmp_path / "secret", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(secret, True)
    guardian = Guardian.fork(mark)
    os.close(secret)
    guardian.start(["ls", "-l", "/proc/self/fd"], cwd="/", env=ENV)
    listing = output_of(guardian).decode()
    guardian.close()
    assert "secret" not in listing
    assert listing.count("->") == 4  # three standard ones, and the directory that ls reads


def test_the_guardian_keeps_only_its_own_descriptors(guardian: Guardian) -> None:
    run(guardian, "sleep 900")
    # The last one is the command's pidfd, which it opens after it has answered.
    expected = ["/dev/null", "/dev/null", "/dev/null", "anon_inode", "socket"]
    end = time.monotonic() + 30
    while (kinds := kept_by(guardian.pid)) != expected and time.monotonic() < end:
        time.sleep(0.02)
    assert kinds == expected


def kept_by(pid: int) -> list[str]:
    kept = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    return sorted(name.split(":")[0] for name in kept)


def test_the_command_leads_a_session_of_its_own(guardian: Guardian) -> None:
    run(guardian, "echo $$ $(ps -o sid= -p $$)")
    pid, session = output_of(guardian).split()
    assert pid == session


def test_the_command_ignores_and_blocks_no_signal(guardian: Guardian) -> None:
    guardian.start(["grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"], cwd="/", env=ENV)
    _, blocked, _, ignored = output_of(guardian).split()
    assert named_signals(blocked) == named_signals(ignored) == []


def named_signals(mask: bytes) -> list[int]:
    """The signals of a mask of /proc, without those that are the C library's own."""
    return [n for n in signal.valid_signals() if int(mask, 16) >> (n - 1) & 1]


# How it ends


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


# What happens to parent and guardian


def fork_parent(mark: str, script: str, stops: int = 0) -> tuple[int, int]:
    """A work horse of its own with a running command: its pid, and the guardian's."""
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            guardian = Guardian.fork(mark)
            run(guardian, script)
            read_line(guardian)
            for _ in range(stops):
                guardian.terminate()
            os.write(write_end, b"%d" % guardian.pid)
            signal.pause()
        finally:
            os._exit(1)
    os.close(write_end)
    guardian_pid = int(os.read(read_end, 20))
    os.close(read_end)
    return parent, guardian_pid


@pytest.mark.parametrize("straggler", [SETSID, DAEMON, DEAF, HOLDER])
def test_nothing_survives_the_kill_of_the_parent(mark: str, straggler: str) -> None:
    parent, guardian = fork_parent(mark, f"{straggler}\necho started; sleep 900")
    until(lambda: marked(mark))  # a process is nobody for a moment while it becomes another program
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    until(lambda: not is_alive(guardian))
    assert marked(mark) == []


def test_a_parent_that_ends_before_the_start_takes_the_guardian_along(mark: str) -> None:
    parent, guardian = fork_parent(mark, "echo started")
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    until(lambda: not is_alive(guardian))


@pytest.mark.parametrize("straggler", [SETSID, DAEMON, DEAF, HOLDER])
def test_nothing_survives_the_kill_of_the_guardian(
    guardian: Guardian, mark: str, straggler: str
) -> None:
    run(guardian, f"{straggler}\necho started; sleep 900")
    read_line(guardian)
    os.kill(guardian.pid, signal.SIGKILL)
    assert guardian.wait(None) == 128 + signal.SIGKILL
    assert marked(mark) == []


def test_signals_for_the_whole_dyno_do_not_end_the_guardian(
    guardian: Guardian, tmp_path: Path
) -> None:
    run(guardian, "echo started; until [ -e go ]; do sleep 0.02; done; echo done", tmp_path)
    read_line(guardian)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(guardian.pid, number)
    (tmp_path / "go").touch()
    assert output_of(guardian) == b"done\n"
    assert guardian.wait(None) == 0


def test_the_command_is_a_child_of_the_guardian(guardian: Guardian, mark: str) -> None:
    run(guardian, "echo $$; sleep 900")
    assert parent_of(int(read_line(guardian))) == guardian.pid


def test_a_held_lock_lasts_until_the_guardian_has_ended(mark: str, tmp_path: Path) -> None:
    guardian = Guardian.fork(mark)
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    guardian.hold(lock)
    run(guardian, "echo started; sleep 900")  # answers after the descriptor has arrived
    os.close(lock)
    other = os.open(tmp_path / "lock", os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    guardian.close()
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


# What cannot be started


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.sh"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    return path


def refused(guardian: Guardian, *argv: str, cwd: str | Path = "/") -> str:
    with pytest.raises(CommandNotStarted) as refusal:
        guardian.start(argv, cwd=cwd, env=ENV)
    assert guardian.wait(None) == 127
    assert output_of(guardian) == b""
    return str(refusal.value)


def test_a_program_that_is_not_there_is_named(guardian: Guardian) -> None:
    assert refused(guardian, "no-such-tool") == (
        "no-such-tool was not found: install it or set its path"
    )


def test_a_directory_that_is_not_there_is_named(guardian: Guardian) -> None:
    assert refused(guardian, "env", cwd="/no/such") == "The directory /no/such does not exist"


def test_a_file_is_no_directory(guardian: Guardian, script: Path) -> None:
    assert refused(guardian, "env", cwd=script) == f"The directory {script} does not exist"


def test_a_program_that_must_not_be_executed_is_named(guardian: Guardian, script: Path) -> None:
    script.chmod(0o644)
    assert refused(guardian, str(script)) == f"Permission denied: {script}"


def test_a_missing_interpreter_is_told_from_a_missing_script(
    guardian: Guardian, script: Path
) -> None:
    assert refused(guardian, str(script)) == (
        f"{script} names an interpreter in its first line that was not found"
    )


def test_a_file_that_is_no_program_is_named(guardian: Guardian, script: Path) -> None:
    script.write_bytes(b"\x00\x01\x02")
    assert refused(guardian, str(script)) == f"{script} cannot be started: Exec format error"


def test_arguments_that_are_too_long_are_refused(guardian: Guardian) -> None:
    assert refused(guardian, "env", "x" * 200_000) == (
        "env cannot be started: one of its arguments and variables is longer than 128 KB, or all"
        " together than 2 MB"
    )


def test_a_zero_byte_is_refused(guardian: Guardian) -> None:
    assert refused(guardian, "env", "a\0b") == (
        "env cannot be started: an argument or a variable holds a zero byte"
    )

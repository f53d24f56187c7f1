"""The guardian: one command, exact surroundings, and nothing that outlives it."""

import fcntl
import os
import signal
import time
from pathlib import Path

import pytest

from app.lib.process import Guardian
from app.lib.process_tree import MARK
from tests.lib.guarded_commands import (
    DAEMON,
    DEAF,
    ENV,
    HOLDER,
    SETSID,
    fork_parent,
    output_of,
    read_line,
    run,
)
from tests.lib.processes import is_alive, marked, parent_of, until

pytestmark = pytest.mark.processes


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

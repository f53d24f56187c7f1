"""A command with a terminal: its input, and what /dev/tty means to it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.lib.process import CommandNotStarted, Guardian

pytestmark = pytest.mark.processes

ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Master and slave."""
    made = os.openpty()
    yield made
    for handle in made:
        os.close(handle)


def start(guardian: Guardian, slave: int, script: str) -> None:
    guardian.start(["bash", "-c", script], cwd="/", env=ENV, terminal=slave)


def output_of(guardian: Guardian) -> bytes:
    parts = []
    while part := os.read(guardian.output, 65536):
        parts.append(part)
    return b"".join(parts)


def test_the_terminal_is_the_input_and_the_output_is_not(
    guardian: Guardian, terminal: tuple[int, int]
) -> None:
    start(guardian, terminal[1], "tty; [ -t 1 ] || echo no terminal; [ -t 2 ] || echo none >&2")
    assert output_of(guardian).decode().splitlines() == [
        os.ttyname(terminal[1]), "no terminal", "none",
    ]  # fmt: skip


def test_the_terminal_controls_the_command(guardian: Guardian, terminal: tuple[int, int]) -> None:
    start(guardian, terminal[1], "echo asked >/dev/tty; read -r answer </dev/tty; echo $answer")
    assert os.read(terminal[0], 100) == b"asked\r\n"
    os.write(terminal[0], b"told\n")
    assert output_of(guardian) == b"told\n"


def test_the_command_is_in_the_foreground(guardian: Guardian, terminal: tuple[int, int]) -> None:
    start(guardian, terminal[1], "ps -o pgid=,tpgid= -p $$")
    group, foreground = output_of(guardian).split()
    assert group == foreground


def test_the_command_has_no_descriptor_of_it_but_its_input(
    guardian: Guardian, terminal: tuple[int, int]
) -> None:
    start(guardian, terminal[1], "ls -l /proc/self/fd")
    assert output_of(guardian).count(b"/dev/pts/") == 1


def test_the_guardian_keeps_no_terminal(guardian: Guardian, terminal: tuple[int, int]) -> None:
    start(guardian, terminal[1], "exec sleep 900")
    kept = [os.readlink(entry) for entry in Path(f"/proc/{guardian.pid}/fd").iterdir()]
    assert not [name for name in kept if name.startswith("/dev/pts/")]


def test_the_end_of_the_master_ends_the_command(guardian: Guardian) -> None:
    master, slave = os.openpty()
    start(guardian, slave, "exec cat")
    os.close(master)
    assert guardian.wait(None) == 128 + signal.SIGHUP
    os.close(slave)


def test_a_terminal_of_another_command_is_refused(
    guardian: Guardian, terminal: tuple[int, int], mark: str
) -> None:
    other = Guardian.fork(mark)
    start(other, terminal[1], "exec sleep 900")
    with pytest.raises(CommandNotStarted, match="control its terminal"):
        start(guardian, terminal[1], "echo never")
    other.close()
    start(guardian, terminal[1], "echo next")
    guardian.wait(None)


def test_what_is_no_terminal_is_refused(guardian: Guardian, tmp_path: Path) -> None:
    file = os.open(tmp_path / "file", os.O_CREAT)
    with pytest.raises(CommandNotStarted, match="control its terminal"):
        start(guardian, file, "echo never")
    os.close(file)


def test_commands_with_and_without_terminal_take_turns(guardian: Guardian) -> None:
    for _ in range(3):
        master, slave = os.openpty()
        start(guardian, slave, "echo asked >/dev/tty")
        guardian.wait(None)
        assert os.read(master, 100) == b"asked\r\n"
        os.close(master)
        os.close(slave)
        guardian.start(["bash", "-c", "readlink /proc/$$/fd/0"], cwd="/", env=ENV)
        assert output_of(guardian) == b"/dev/null\n"
        guardian.wait(None)

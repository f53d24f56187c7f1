"""What a process that has given up a part of the file system can still do, on this kernel."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.lib import landlock

pytestmark = pytest.mark.skipif(landlock.abi() < 6, reason="this kernel has no Landlock of ABI 6")


@pytest.fixture
def house() -> Iterator[Path]:
    """A directory outside of the temporary ones, with a secret and places of tasks in `data`."""
    with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".landlock-") as folder:
        top = Path(folder)
        for name in ("data/runs/own", "data/runs/other", "data/mirror", "beside"):
            (top / name).mkdir(parents=True)
        for name in ("data/secret", "data/runs/other/secret", "data/mirror/objects", "beside/open"):
            (top / name).write_text("said")
        (top / "link").symlink_to(top / "data")
        yield top


def confined(
    house: Path, act: Callable[[], object], version: int = 0, writable: tuple[Path, ...] = ()
) -> bool:
    """Whether it succeeds in a process that may read all but `data`, and its own run and mirror."""
    own = (house / "data/runs/own", *writable)
    version = version or landlock.abi()
    rules = landlock.ruleset([house / "data"], [house / "data/mirror"], own, version)
    try:
        return _in_child(lambda: (landlock.enter(rules), act()))
    finally:
        os.close(rules)


def _in_child(act: Callable[[], object]) -> bool:
    if (pid := os.fork()) == 0:
        try:
            act()
            os._exit(0)
        except OSError:
            os._exit(1)
        finally:
            os._exit(2)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, 1), "the child has failed otherwise"
    return code == 0


def shell(command: str) -> None:
    if subprocess.run(["sh", "-c", command], capture_output=True, check=False).returncode:
        raise OSError(command)


@pytest.mark.parametrize(
    "command",
    [
        "cat data/secret",
        "cat link/secret",
        "cat data/runs/other/secret",
        "ls data",
        "setsid -w cat data/secret",
        "ln -s $PWD/data/secret data/runs/own/soft && cat data/runs/own/soft",
        "ln data/secret data/runs/own/hard",
        "mv data/secret data/runs/own/",
        "mv data elsewhere",
        "cat /proc/self/root$PWD/data/secret",
        "cat /proc/self/cwd/data/secret",
        "echo more > data/new",
        "echo more >> data/mirror/objects",
        "echo more > beside/new",
        "rm beside/open",
        "mkdir data/runs/new",
        "mknod data/runs/own/disk b 8 0",
        "echo x > /dev/new",
        "unshare -Urm sh -c 'mount --bind data beside && cat beside/secret'",
    ],
)
def test_what_is_hidden_or_not_given_is_refused(house, command):
    assert not confined(house, lambda: shell(f"cd {house} && {command}"))


@pytest.mark.parametrize(
    "command",
    [
        "cat beside/open",
        "cat data/mirror/objects && ls data/mirror",
        "echo a > data/runs/own/file && mv data/runs/own/file data/runs/own/moved",
        "mkdir -p data/runs/own/a/b && ln data/runs/own/moved data/runs/own/a/ 2>/dev/null; true",
        "mkfifo data/runs/own/pipe",
        "git init -q data/runs/own/repo",
        "echo lost > /dev/null && head -c 8 /dev/urandom | wc -c",
        "sh -c 'exec 3<&0; cat <&3' < beside/open",
        "cat /proc/self/status && cat /etc/passwd",
        "sleep 5 & kill $!",
    ],
)
def test_everything_else_works(house, command):
    assert confined(house, lambda: shell(f"cd {house} && {command}"))


def test_neither_signal_nor_abstract_socket_reaches_outside(house):
    name = f"\0{house}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        pid = os.getpid()
        assert not confined(house, lambda: os.kill(pid, 0))
        assert not confined(house, lambda: socket.socket(socket.AF_UNIX).connect(name))
        assert confined(house, lambda: os.kill(pid, 0), version=5)


def test_a_writable_directory_around_what_is_hidden_does_not_open_it(house):
    around = (house,)
    assert not confined(house, lambda: shell(f"cat {house}/data/secret"), writable=around)
    assert not confined(house, lambda: shell(f"echo > {house}/data/new"), writable=around)
    assert confined(house, lambda: shell(f"echo > {house}/beside/new"), writable=around)


def test_what_is_guarded_can_be_read_and_not_written(house):
    own = [house]
    rules = landlock.ruleset([], [], own, landlock.abi(), guarded=[house / "beside"])
    try:
        assert _in_child(lambda: (landlock.enter(rules), (house / "beside/open").read_text()))
        assert not _in_child(lambda: (landlock.enter(rules), (house / "beside/new").touch()))
        assert _in_child(lambda: (landlock.enter(rules), (house / "data/new").touch()))
    finally:
        os.close(rules)


def test_what_is_hidden_in_what_is_hidden_stays_so(house):
    hidden = [house / "data", house / "data/runs/other"]
    rules = landlock.ruleset(hidden, [], [house / "data/runs/own"], landlock.abi())
    secret = house / "data/runs/other/secret"
    assert not _in_child(lambda: (landlock.enter(rules), secret.read_text()))
    os.close(rules)


def test_the_rules_are_no_descriptor_of_what_is_started(house):
    rules = landlock.ruleset([house / "data"], [], [], landlock.abi())
    assert not os.get_inheritable(rules)
    os.close(rules)


def test_it_holds_for_what_is_started_later_and_is_not_undone(house):
    def again() -> None:
        rules = landlock.ruleset([], [], [Path("/")], landlock.abi())
        landlock.enter(rules)
        (house / "data/secret").read_text()

    assert not confined(house, again)


def test_paths_that_do_not_exist_are_passed_over(house):
    rules = landlock.ruleset([house / "no"], [house / "none"], [house / "nor"], landlock.abi())
    assert _in_child(lambda: (landlock.enter(rules), (house / "beside/open").read_text()))
    os.close(rules)

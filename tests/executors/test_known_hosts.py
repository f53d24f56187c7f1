"""The file of known hosts that a run has, which its task can write to."""

import os

import pytest

from app.executors import known_hosts
from app.executors.spec import HostKeySpec
from tests.executors.reporters import ListReporter
from tests.factories import PUBLIC_KEY

KNOWN = HostKeySpec("web", 22, "ssh-ed25519", PUBLIC_KEY)


@pytest.fixture
def file(tmp_path):
    known_hosts.write(tmp_path / "known_hosts", [KNOWN])
    return tmp_path / "known_hosts"


def new(file) -> list[tuple[str, int]]:
    """The servers that are told of."""
    told = ListReporter()
    known_hosts.report_new(file, [KNOWN], told)
    return [(data["host"], data["port"]) for _, data in told.events]


def test_what_ssh_adds_is_told_and_what_was_known_is_not(file) -> None:
    with file.open("a") as text:
        text.write(f"db,10.0.0.1 ssh-ed25519 {PUBLIC_KEY}\n[git]:2222 ssh-ed25519 {PUBLIC_KEY}\n")
    assert new(file) == [("db", 22), ("git", 2222)]


@pytest.mark.parametrize("line", [
    "[a]:0 ssh-ed25519 x", "[a]:65536 ssh-ed25519 x", "[a]:-1 ssh-ed25519 x", "[a]:² ssh-ed25519 x",
    f"[a]:{'9' * 5000} ssh-ed25519 x", f"[a]:{'٣' * 5000} ssh-ed25519 x", "[a]:two ssh-ed25519 x",
    f"{'a' * 256} ssh-ed25519 x", f"a {'s' * 65} x", "|1|hash= ssh-ed25519 x", "a b", "a b c d",
], ids=range(12))  # fmt: skip
def test_what_no_project_could_keep_is_left_out(file, line) -> None:
    file.write_text(f"{line}\nlast ssh-ed25519 x\n")
    assert new(file) == [("last", 22)]


def test_a_file_that_is_huge_or_none_tells_nothing(file, tmp_path) -> None:
    file.write_text("a ssh-ed25519 x\n" + "#" * known_hosts.LARGEST)
    assert new(file) == []
    for other in (os.mkfifo, lambda path: path.symlink_to(tmp_path / "secrets")):
        (tmp_path / "secrets").write_text("user name password\n")
        file.unlink()
        other(file)
        assert new(file) == []

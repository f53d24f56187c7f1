"""Commands that a guardian starts confined: by rules, without capabilities, as another user."""

import os
import pwd
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.lib import landlock
from app.lib.confinement import Confinement
from app.lib.process import CommandNotStarted, Guardian

HAS_LANDLOCK = landlock.abi() >= 6
ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def guardian() -> Iterator[Guardian]:
    with closing(Guardian.fork("confinement")) as forked:
        yield forked


def run(guardian: Guardian, command: str, confinement: Confinement | None) -> tuple[int, str]:
    guardian.start(["sh", "-c", command], cwd=Path("/"), env=ENV, confinement=confinement)
    said = b""
    while data := os.read(guardian.output, 1 << 16):
        said += data
    code = guardian.wait(None)
    assert code is not None
    return code, said.decode()


@pytest.mark.skipif(not HAS_LANDLOCK, reason="this kernel has no Landlock of ABI 6")
def test_rules_hold_for_one_command_and_not_for_the_next(guardian, tmp_path):
    (tmp_path / "secret").write_text("hidden")
    rules = landlock.ruleset([tmp_path], [], [], landlock.abi())
    with closing(os.fdopen(rules)):
        code, said = run(guardian, f"cat {tmp_path}/secret", Confinement(rules))
        assert code != 0 and "hidden" not in said
    assert run(guardian, f"cat {tmp_path}/secret", None) == (0, "hidden")


@pytest.mark.skipif(not HAS_LANDLOCK, reason="this kernel has no Landlock of ABI 6")
def test_neither_environment_nor_memory_of_others_can_be_read(guardian, tmp_path):
    rules = landlock.ruleset([tmp_path], [], [], landlock.abi())
    with closing(os.fdopen(rules)):
        for name in ("environ", "mem", "root/etc/passwd", "fd/0"):
            code, _ = run(guardian, f"head -c 1 /proc/{os.getpid()}/{name}", Confinement(rules))
            assert code != 0, name
    assert run(guardian, f"head -c 0 /proc/{os.getpid()}/environ", None)[0] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to give up")
def test_root_gives_up_what_reads_other_processes(guardian):
    look = "sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status"
    kept, dropped = (int(run(guardian, look, c)[1], 16) for c in (None, Confinement()))
    for number in (19, 21, 27):  # sys_ptrace, sys_admin, mknod
        assert not dropped & (1 << number)
    for number in (0, 1, 5, 7):  # chown, dac_override, kill, setuid
        assert (dropped ^ kept) & (1 << number) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_as_another_user_with_his_groups_only(guardian):
    nobody = pwd.getpwnam("nobody")
    confinement = Confinement(user=nobody.pw_uid, group=nobody.pw_gid)
    assert run(guardian, "id -u; id -G", confinement)[1].split() == [
        str(nobody.pw_uid),
        str(nobody.pw_gid),
    ]


def test_what_cannot_be_confined_does_not_start(guardian):
    with open(os.devnull) as no_rules, pytest.raises(CommandNotStarted, match="be confined"):
        run(guardian, "echo started", Confinement(no_rules.fileno()))

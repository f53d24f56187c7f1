"""The agent serves real ssh programs of one process tree, and nobody else."""

import os
import subprocess
from pathlib import Path

import pytest

from app.lib.private_keys import PrivateKey, read
from app.lib.process_tree import is_below
from app.lib.ssh_agent import SshAgent
from tests.lib.test_private_keys import TYPES, keygen


def ours(pid: int) -> bool:
    return is_below(pid, os.getpid())


def agent_command(agent: SshAgent, *command: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "SSH_AUTH_SOCK": str(agent.path)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)


@pytest.fixture(params=TYPES)
def key(request: pytest.FixtureRequest, tmp_path: Path) -> PrivateKey:
    return read(keygen(tmp_path / "key", *TYPES[request.param]))


def test_it_lists_its_keys_and_signs_with_them(key: PrivateKey, tmp_path: Path) -> None:
    with SshAgent(tmp_path / "a", [key], ours) as agent:
        assert key.fingerprint in agent_command(agent, "ssh-add", "-l").stdout
        tested = agent_command(agent, "ssh-add", "-T", str(tmp_path / "key.pub"))
        assert (tested.returncode, tested.stderr) == (0, "")
    assert not agent.path.exists()


def test_it_takes_no_keys_and_gives_none(tmp_path: Path) -> None:
    text = keygen(tmp_path / "key", "ed25519")
    with SshAgent(tmp_path / "a", [read(text)], ours) as agent:
        assert agent_command(agent, "ssh-add", str(tmp_path / "key")).returncode != 0
        assert agent_command(agent, "ssh-add", "-D").returncode != 0
        assert read(text).fingerprint in agent_command(agent, "ssh-add", "-l").stdout


def test_a_stranger_gets_no_answer(tmp_path: Path) -> None:
    with SshAgent(
        tmp_path / "a", [read(keygen(tmp_path / "key", "ed25519"))], lambda _: False
    ) as a:
        refused = agent_command(a, "ssh-add", "-l")
    assert refused.returncode != 0 and "SHA256" not in refused.stdout


def test_its_socket_belongs_to_its_user_alone(tmp_path: Path) -> None:
    with SshAgent(tmp_path / "a", [], ours) as agent:
        assert (agent.path.parent.stat().st_mode & 0o777, agent.path.stat().st_mode & 0o777) == (
            0o700, 0o600)  # fmt: skip


def test_its_directory_may_have_a_long_name(tmp_path: Path) -> None:
    with SshAgent(tmp_path / ("long" * 40), [], ours) as agent:
        assert agent.path.is_socket()

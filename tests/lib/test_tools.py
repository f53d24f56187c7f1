"""Tools are found on PATH, and tell their version only when somebody asks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.lib import tools
from app.lib.tools import Tool

GIT = Tool("Git", ("git",))
TOOLS = {
    "git": GIT,
    "ssh": Tool("OpenSSH", ("ssh",), ("-V",)),
    "tofu": Tool("OpenTofu", ("tofu",)),
    "terraform": Tool("Terraform", ("terraform",)),
}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a program on an otherwise empty PATH: install("git", "echo git version 2.47.1")."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def write(name: str, script: str) -> None:
        path = tmp_path / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    return write


def test_finding_starts_nothing(install: Callable[..., None], tmp_path: Path) -> None:
    install("git", f"> {tmp_path}/was-started")
    assert tools.find(GIT) == str(tmp_path / "git")
    assert tools.find(Tool("Bash", ("bash",))) is None
    assert not (tmp_path / "was-started").exists()


def test_one_of_several_names_will_do(install: Callable[..., None], tmp_path: Path) -> None:
    install("powershell", "echo PowerShell 7.5.2")
    assert tools.find(Tool("PowerShell", ("pwsh", "powershell"))) == str(tmp_path / "powershell")


def test_versions_are_read_from_what_tools_say(
    install: Callable[..., None], tmp_path: Path
) -> None:
    install("git", "echo git version 2.47.1")
    install("ssh", "echo OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.15 >&2")
    install("tofu", "exit 1")
    (tmp_path / "terraform").write_text("no program")
    assert tools.versions(TOOLS) == {"git": "2.47.1", "ssh": "9.2p1", "tofu": ""}

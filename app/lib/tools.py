"""The programs that runs use: which of them this machine has, and in which version."""

import re
import shutil
import subprocess
from dataclasses import dataclass

TIMEOUT = 10


@dataclass(frozen=True)
class Tool:
    """A program: its names on PATH (one will do), how it tells its version, how to get it."""

    title: str
    names: tuple[str, ...]
    version: tuple[str, ...] = ("--version",)
    hint: str = ""
    needed: bool = False  # nothing runs without it


TOOLS: dict[str, Tool] = {
    "git": Tool("Git", ("git",), hint="apt install git", needed=True),
    "bash": Tool("Bash", ("bash",), hint="apt install bash", needed=True),
    "ssh": Tool("OpenSSH", ("ssh",), ("-V",), "apt install openssh-client"),
    "python": Tool("Python", ("python3",), hint="apt install python3"),
    "ansible": Tool("Ansible", ("ansible-playbook",), hint="apt install ansible-core"),
    "tofu": Tool("OpenTofu", ("tofu",), hint="opentofu.org/docs/intro/install"),
    "terraform": Tool("Terraform", ("terraform",), hint="developer.hashicorp.com/terraform"),
    "powershell": Tool("PowerShell", ("pwsh", "powershell"), hint="aka.ms/powershell"),
}


def find(tool: Tool) -> str | None:
    """The path of a tool on this machine; nothing is started."""
    return next(filter(None, map(shutil.which, tool.names)), None)


def versions() -> dict[str, str]:
    """Ask each tool that is found for its version; "" for one that does not tell.

    It starts programs: for a worker, never for a web process.
    """
    paths = {key: find(tool) for key, tool in TOOLS.items()}
    return {key: _version(path, TOOLS[key].version) for key, path in paths.items() if path}


def _version(path: str, arguments: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(rb"\d+\.\d+[\w.+-]*", done.stdout)
    return found[0].decode() if found else ""

"""The programs of ansible: the server's own or the machine's, never its whole environment."""

import os
import shutil
import sys
from pathlib import Path

from app.executors import ansible_packages as packages
from app.executors.spec import PreparationFailed, RunSpec
from app.lib.git import SYSTEM_PATH
from app.lib.tools import Tool

HINT = "pip install ansible-core"
NAMES = (
    "ansible-playbook", "ansible-galaxy", "ansible-inventory", "ansible-vault", "ansible-config",
    "ansible-doc", "ansible",
)  # fmt: skip
PLAYBOOK = Tool("Ansible", ("ansible-playbook",), hint=HINT, beside=True)


def find(name: str) -> Path | None:
    """The program of the machine, or the one that was installed beside this Python."""
    beside = Path(sys.executable).parent / name
    if beside.is_file() and os.access(beside, os.X_OK):
        return beside
    found = shutil.which(name, path=SYSTEM_PATH)
    return Path(found) if found else None


def require(spec: RunSpec) -> None:
    """Raise PreparationFailed with the command that installs it where ansible is missing, and the
    run does not bring one along."""
    path = spec.settings.app_path
    if path and (shutil.which(path, path=SYSTEM_PATH) or Path(path).is_file()):
        return
    if path:
        raise PreparationFailed(f"{path}, the configured path of Ansible, does not exist")
    if find(PLAYBOOK.names[0]) is None and not packages.are_wanted(spec):
        raise PreparationFailed(f"Ansible is not installed on this machine. Install it: {HINT}")


def link(folder: Path, first: Path | None = None) -> Path:
    """A directory with nothing but the programs of ansible, to stand first on PATH.

    `first`: where those are that the run has brought along; then no other ones count.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in NAMES:
        program = (first / name if (first / name).exists() else None) if first else find(name)
        if program and not (folder / name).is_symlink():
            (folder / name).symlink_to(program)
    return folder

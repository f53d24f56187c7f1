"""Short-lived directories of this process, which bear its pid: the next one tidies up after it."""

import os
import re
import shutil
import tempfile
from pathlib import Path

PREFIX = "heliograph"
_NAME = re.compile(rf"{PREFIX}-[a-z]+-(\d+)-\w+")


def directory(kind: str, where: str | None = None) -> "tempfile.TemporaryDirectory[str]":
    """A private directory that goes with its `with`; `where` it lies, else with all temporary ones.

    `kind` is one word of small letters, for people who find it.
    """
    return tempfile.TemporaryDirectory(
        prefix=f"{PREFIX}-{kind}-{os.getpid()}-", dir=where, ignore_cleanup_errors=True
    )


def remove_dead(*places: str) -> None:
    """Delete the directories of processes of this user that were killed."""
    for place in {tempfile.gettempdir(), *places}:
        for path in Path(place).glob(f"{PREFIX}-*"):
            found = _NAME.fullmatch(path.name)
            if found and not Path("/proc", found[1]).exists() and _is_mine(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_mine(path: Path) -> bool:
    try:
        return path.lstat().st_uid == os.geteuid() and not path.is_symlink()
    except OSError:
        return False

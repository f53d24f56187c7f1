"""What was installed for runs of a project and is asked for by none any more goes, by one rule."""

import os
import time
from contextlib import suppress
from pathlib import Path

from app.lib.workspaces import remove as delete

FOLDERS = ("galaxy", "python")  # below the data directory, by project
LONG = 30 * 86400  # seconds
DOWNLOADS = "pip"  # its own cache beside the environments


def touch(place: Path) -> None:
    """Note that a run uses it."""
    with suppress(OSError):
        os.utime(place)


def remove(cache: Path) -> None:
    """Remove from a project's folder what no run has asked for in a long time, and names that lead
    to nothing any more."""
    long_ago = time.time() - LONG
    for entry in list(cache.iterdir()):
        with suppress(OSError):
            if entry.is_symlink():
                if not entry.exists():
                    entry.unlink()
            elif entry.name != DOWNLOADS and entry.stat().st_mtime < long_ago:
                delete(entry)

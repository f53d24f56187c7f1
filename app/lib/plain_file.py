"""Files of a directory that others can write to: a link, a pipe or a heap of data may lie there."""

import os
import stat
from contextlib import suppress
from pathlib import Path

FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read(path: Path | str, largest: int, *, directory: int | None = None) -> bytes | None:
    """All of a plain file of at most `largest` bytes; None for anything else.

    A relative path begins at `directory`, an open one. Only its last part may be anybody's.
    """
    with suppress(OSError):
        handle = os.open(path, FLAGS, dir_fd=directory)
        with os.fdopen(handle, "rb") as opened:
            found = os.fstat(handle)
            if stat.S_ISREG(found.st_mode) and found.st_size <= largest:
                return opened.read(largest)
    return None

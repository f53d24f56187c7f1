"""The files that terraform leaves for us, read so that no link leads us anywhere else."""

import hashlib
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from app.executors.spec import PreparationFailed

LARGEST = 64 << 20  # bytes of a plan
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Folder:
    """The folder of a run, opened before anything of the repository runs there.

    What a program puts in its place later is not read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1

    def __enter__(self) -> Self:
        self._handle = os.open(self._path, os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def read(self, name: str) -> bytes:
        """A file of it. Raises PreparationFailed where it is none, or too large."""
        found = _read(self._handle, name, LARGEST)
        if found is None:
            raise PreparationFailed(f"{name} was not saved, or is larger than {LARGEST >> 20} MB")
        return found

    def digest(self, name: str) -> str:
        """The SHA-256 of a file, by which people name it."""
        return hashlib.sha256(self.read(name)).hexdigest()


def read_below(top: Path, parts: Sequence[str], largest: int) -> bytes | None:
    """A plain file below a directory, with no link on the way; None if there is none."""
    with suppress(OSError):
        handle = os.open(top, os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts[:-1]:
                below = os.open(part, _PLAIN | os.O_DIRECTORY, dir_fd=handle)
                os.close(handle)
                handle = below
            return _read(handle, parts[-1], largest)
        finally:
            os.close(handle)
    return None


def _read(directory: int, name: str, largest: int) -> bytes | None:
    with suppress(OSError):
        handle = os.open(name, _PLAIN, dir_fd=directory)
        with os.fdopen(handle, "rb") as opened:
            found = os.fstat(handle)
            if stat.S_ISREG(found.st_mode) and found.st_size <= largest:
                return opened.read(largest)
    return None

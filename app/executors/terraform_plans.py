"""The files that terraform leaves for us, read so that no link leads us anywhere else."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Self

from app.executors.saved_plan import SavedPlan
from app.executors.spec import PreparationFailed
from app.lib import plain_file

LARGEST = 6 << 20  # bytes of a plan; encrypted it has to fit into one packet of MySQL
MOST_FILES = 2000
LOCK = ".terraform.lock.hcl"


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
        found = plain_file.read(name, LARGEST, directory=self._handle)
        if found is None:
            raise PreparationFailed(f"{name} was not saved, or is larger than {LARGEST >> 20} MB")
        return found

    def below(self, name: str, largest: int = LARGEST) -> Iterator[tuple[str, bytes]]:
        """The plain files below a directory of it, by their paths from there on; the first
        MOST_FILES, and none that is larger (bytes)."""
        with suppress(OSError):
            seen = 0
            for top, names, files, handle in os.fwalk(name, dir_fd=self._handle):
                names.sort()
                for file in sorted(files):
                    seen += 1
                    data = None
                    if seen <= MOST_FILES:
                        data = plain_file.read(file, largest, directory=handle)
                    if data is not None:
                        yield str(PurePosixPath(top, file).relative_to(name)), data


def saved(folder: Folder, name: str, directory: Path) -> SavedPlan:
    """A plan of the folder, with what locks the versions of providers in the directory."""
    data = folder.read(name)
    lock = read_below(directory, (LOCK,), LARGEST) or b""
    return SavedPlan(data, hashlib.sha256(data).hexdigest(), lock)


def restore(plan: SavedPlan, path: Path, directory: Path) -> None:
    """Put a plan where it is applied from, with the versions of providers that it was made with.

    Nothing of the repository has run yet. What a checkout has in the place of the lock is no link
    that could lead us anywhere: it is replaced.
    """
    write(path, plan.data)
    if plan.lock:
        write(directory / LOCK, plan.lock)


def write(path: Path, data: bytes) -> None:
    """A file that nobody else can read, in the place of what is there."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(data)


def read_below(top: Path, parts: Sequence[str], largest: int) -> bytes | None:
    """A plain file below a directory, with no link on the way; None if there is none."""
    with suppress(OSError):
        handle = os.open(top, os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts[:-1]:
                below = os.open(part, plain_file.FLAGS | os.O_DIRECTORY, dir_fd=handle)
                os.close(handle)
                handle = below
            return plain_file.read(parts[-1], largest, directory=handle)
        finally:
            os.close(handle)
    return None

"""Files that only we may read, made once even if several processes try at the same time."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def create_once(path: Path, content: str) -> str:
    """Make the file with mode 0600 unless it exists; return what it holds.

    The content is complete before the name exists, so nobody ever reads a half-written key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # FileExistsError: another process was first; its content counts.
        with _draft(path, content) as draft, suppress(FileExistsError):
            os.link(draft, path)
    return path.read_text().strip()


def replace(path: Path, content: str) -> None:
    """Give the file this content, in one step that survives a loss of power."""
    with _draft(path, content) as draft:
        draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _draft(path: Path, content: str) -> Iterator[Path]:
    """A file beside `path` that is on the disk; what is left of it afterwards is deleted."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)

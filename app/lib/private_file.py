"""Files that only we may read, made once even if several processes try at the same time."""

import os
import tempfile
from pathlib import Path


def create_once(path: Path, content: str) -> str:
    """Make the file with mode 0600 unless it exists; return what it holds.

    The content is complete before the name exists, so nobody ever reads a half-written key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(content)
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its content counts
        finally:
            Path(draft).unlink()
    return path.read_text().strip()

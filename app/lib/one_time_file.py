"""A file that can be read once and is never on disk: a named pipe with a writer behind it."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self


class OneTimeFile:
    """Whoever opens `path` first reads `text`; the name disappears with the context.

    After a SIGKILL of this process a pipe without a writer is left, and not a byte of the text.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._data = text.encode(errors="surrogateescape")
        self._thread = threading.Thread(target=self._serve, name=path.name, daemon=True)

    def __enter__(self) -> Self:
        os.mkfifo(self.path, 0o600)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A writer that still waits for its reader gets one, which is gone before it has read.
        with suppress(OSError):
            os.close(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK))
        self._thread.join()
        self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        with suppress(OSError):  # nobody reads it, or not to its end
            handle = os.open(self.path, os.O_WRONLY)
            try:
                left = memoryview(self._data)
                while left:
                    left = left[os.write(handle, left) :]
            finally:
                os.close(handle)

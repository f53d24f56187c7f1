"""A file that is never on disk: named pipes with a writer behind them, one for each reader."""

import os
import select
import threading
from pathlib import Path
from typing import Self


class ServedFile:
    """Whoever opens `path` reads `text`, one after the other; the name goes with the context.

    Ansible reads its variables again where it wants to show a line of them, and a pipe without a
    writer would let it wait for ever. After a SIGKILL of this process such a pipe is left, and not
    a byte of the text.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._data = text.encode(errors="surrogateescape")
        self._over = os.eventfd(0)  # readable once nobody is served any more
        self._thread = threading.Thread(target=self._serve, name=path.name, daemon=True)

    def __enter__(self) -> Self:
        os.mkfifo(self.path, 0o600)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.eventfd_write(self._over, 1)
        # A writer that waits for its reader, or will in a moment, gets one that reads nothing.
        reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            self._thread.join()
        finally:
            os.close(reader)
            os.close(self._over)
            self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        is_over = False
        while not is_over:
            handle = os.open(self.path, os.O_WRONLY)
            try:
                is_over = self._write(handle)
                self._renew()
            finally:
                os.close(handle)

    def _write(self, handle: int) -> bool:
        """Write the text for one reader; whether it is over meanwhile."""
        os.set_blocking(handle, False)
        left = memoryview(self._data)
        while left:
            over, _, _ = select.select([self._over], [handle], [])
            if over:
                return True
            try:
                left = left[os.write(handle, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:  # who began to read it has stopped
                break
        return bool(select.select([self._over], [], [], 0)[0])

    def _renew(self) -> None:
        """Lay the pipe of the next reader in place of this one, whose end is still to come: two
        readers of one pipe would share its bytes."""
        following = self.path.with_name(f"{self.path.name}.next")
        os.mkfifo(following, 0o600)
        following.rename(self.path)

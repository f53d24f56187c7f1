"""One seat for all slots of a worker: who has it waits for the next nudge.

A slot that waits takes some 20 MB, with its spare work horse; one that waits for the seat, just
forked, takes one. So a worker with many slots needs little as long as it has nothing to do.
"""

import fcntl
import os
import signal
from typing import Any


class Seat:
    """A lock of the kernel, made before the slots are forked; a slot that ends frees it."""

    def __init__(self) -> None:
        self._file = os.memfd_create("seat")

    def take(self) -> None:
        """Wait until it is free. The lock is the process's own: no child inherits it."""
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def take_within(self, seconds: float) -> bool:
        """The same, but not longer than that; whether it was taken. Uses SIGALRM."""
        before = signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            self.take()
        except TimeoutError:
            return False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        return True

    def leave(self) -> None:
        """Let the next one sit down."""
        fcntl.lockf(self._file, fcntl.LOCK_UN)


def _give_up(*_: Any) -> None:
    raise TimeoutError

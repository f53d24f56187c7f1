"""Exclusive locks on files; the kernel frees them when the last holder is gone."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def try_lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock, or None if somebody else holds it.

    Whoever shares the descriptor shares the lock; closing all of them frees it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


@contextmanager
def locked(path: Path, wait: Callable[[], None]) -> Iterator[int]:
    """Hold the lock; `wait` is called between two attempts and may raise to give up."""
    while (handle := try_lock(path)) is None:
        wait()
    try:
        yield handle
    finally:
        os.close(handle)

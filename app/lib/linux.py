"""What Linux can do with processes and Python has no function for."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 3, 4, 36

_libc = ctypes.CDLL(None, use_errno=True)  # looked up before any fork


def prctl(option: int, value: int = 0) -> int:
    """Ask for or change one property of this process (prctl(2)); raises OSError."""
    result: int = _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def become_subreaper() -> None:
    """From now on every orphan below this process becomes its child, not init's."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent`, which has forked it, is gone."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def overwrite(address: int, length: int) -> None:
    """Fill memory of this process with zeros."""
    ctypes.memset(address, 0, length)

"""What Linux can do with processes and Python has no function for."""

import contextlib
import ctypes
import os
import signal

PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 3, 4, 36
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
# dac_read_search sys_module sys_rawio sys_ptrace sys_admin sys_boot mknod audit_control
# mac_override mac_admin syslog perfmon bpf checkpoint_restore: what lets root read any other
# process, or the disks below the files.
CAPABILITIES_TO_READ_ALL = (2, 16, 17, 19, 21, 22, 27, 30, 32, 33, 34, 38, 39, 40)

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


def drop_capabilities() -> None:
    """Never again, nor in anything started from here, hold what lets root read everything."""
    for capability in CAPABILITIES_TO_READ_ALL:
        with contextlib.suppress(OSError):  # this process, or this kernel, does not have it
            prctl(PR_CAPBSET_DROP, capability)


def overwrite(address: int, length: int) -> None:
    """Fill memory of this process with zeros."""
    ctypes.memset(address, 0, length)

"""Keep what this process knows from other processes of the same user."""

import os
from pathlib import Path

from app.lib.linux import PR_GET_DUMPABLE, PR_SET_DUMPABLE, overwrite, prctl

# Fields of /proc/self/stat behind the program's name, counted from the state, which is field 3.
ENV_START, ENV_END = 50 - 3, 51 - 3


def become_undumpable() -> None:
    """Hide memory, environment and descriptors of this process from others of the same user.

    Kept by fork and lost by exec: each program calls it as its first statement. There are no core
    dumps any more, and this process cannot open its own /proc/self/environ.
    """
    prctl(PR_SET_DUMPABLE, 0)


def is_dumpable() -> bool:
    """Whether others of the same user may read this process."""
    return prctl(PR_GET_DUMPABLE) == 1


def scrub_environment() -> None:
    """Erase the environment this process was started with; `os.environ` and children keep it.

    Popping a name from `os.environ` removes nothing from /proc/PID/environ: that file shows the
    memory that the kernel filled at exec.
    """
    for name, value in os.environb.items():
        os.putenv(name, value)  # a copy elsewhere: C's own list points into what is erased
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = int(fields[ENV_START]), int(fields[ENV_END])
    if start:
        overwrite(start, end - start)

"""What this machine has: memory and cores, as far as this process may use them."""

import os
from pathlib import Path

MB = 1024 * 1024


def memory_limit() -> int:
    """Bytes of memory that we may use: the machine's, or the control group's if that is less."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            limits.append(int(Path("/sys/fs/cgroup", name).read_text()))
        except (OSError, ValueError):
            continue  # no such control group, or it says "max"
    return min(limits)


def cores() -> int:
    """The processors that this process may run on."""
    return len(os.sched_getaffinity(0))


def slots_for(memory: int, processors: int) -> int:
    """How many runs fit beside the server: 100 MB each after 200 MB, at most 2 a core plus 2."""
    by_memory = (memory - 200 * MB) // (100 * MB)
    return max(1, min(by_memory, 2 * processors + 2))

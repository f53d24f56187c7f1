"""What the processes below one cost: memory and processor time, as the kernel counts them."""

import contextlib
import os
from pathlib import Path


def tree(pid: int) -> list[int]:
    """A process and all that descend from it and live."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            threads = list(Path(f"/proc/{one}/task").iterdir())
            found += [int(child) for t in threads for child in (t / "children").read_text().split()]
    return found


def memory(pid: int) -> float:
    """Proportional set size in MB: what several processes share is counted once in their sum."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


def cpu_seconds(pid: int) -> float:
    """User and system time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def arguments(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ").strip()
    return ""


def web_worker(pid: int) -> int:
    """gunicorn's only worker in the tree below `python wsgi.py`: the master's child."""
    return web_workers(pid)[0]


def web_workers(pid: int) -> list[int]:
    """All of gunicorn's workers in the tree below `python wsgi.py`."""
    master = next(one for one in tree(pid) if " gunicorn " in arguments(one))
    return tree(master)[1:]

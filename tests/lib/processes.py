"""What the process tests look at: /proc, independently of the code under test."""

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0  # seconds; a busy machine is no failure


def until(condition: Callable[[], object]) -> None:
    """Wait for something that other processes bring about; fail if it does not come."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def marked(text: str) -> list[int]:
    """Pids of living processes with this text in environment or argument list."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                known = Path(f"/proc/{name}/environ").read_bytes()
                known += Path(f"/proc/{name}/cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in known:
                found.append(int(name))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

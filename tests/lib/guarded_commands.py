"""Commands under a guardian, and those of them that are hard to get rid of."""

import os
import signal
from pathlib import Path

from app.lib.process import Guardian

ENV = {"PATH": os.environ["PATH"]}

FORK_TWICE = "os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0)"

DAEMON = f"python3 -c 'import os, time; {FORK_TWICE}; time.sleep(900)'"

SETSID = "setsid sleep 900 & disown"

DEAF = "(trap '' TERM INT HUP; while :; do sleep 900; done) & disown"

HOLDER = "(exec sleep 900) & disown"  # keeps the output open


def run(guardian: Guardian, script: str, cwd: str | Path = "/", **env: str) -> None:
    guardian.start(["bash", "-c", script], cwd=cwd, env=ENV | env)


def output_of(guardian: Guardian) -> bytes:
    parts = []
    while part := os.read(guardian.output, 65536):
        parts.append(part)
    return b"".join(parts)


def read_line(guardian: Guardian) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(guardian.output, 1)
    return line


# What happens to parent and guardian


def fork_parent(mark: str, script: str, stops: int = 0) -> tuple[int, int]:
    """A work horse of its own with a running command: its pid, and the guardian's."""
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            guardian = Guardian.fork(mark)
            run(guardian, script)
            read_line(guardian)
            for _ in range(stops):
                guardian.terminate()
            os.write(write_end, b"%d" % guardian.pid)
            signal.pause()
        finally:
            os._exit(1)
    os.close(write_end)
    guardian_pid = int(os.read(read_end, 20))
    os.close(read_end)
    return parent, guardian_pid

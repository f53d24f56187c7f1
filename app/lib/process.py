"""Run a command so that it can be stopped as a whole and never outlives who wanted it.

    work horse ── Guardian (forked) ── command ── whatever it starts

The guardian is the subreaper of all that the command starts. It kills everything when the command
ends, when it is told to, and when its parent is gone, by SIGKILL too.
"""

import contextlib
import fcntl
import logging
import os
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from app.lib import frames
from app.lib.guarding import KILLED, guard
from app.lib.process_tree import KILL_LIMIT, MARK, kill_marked, wait_readable

PIPE_SIZE = 1 << 20

logger = logging.getLogger(__name__)


class CommandNotStarted(Exception):
    """The command could not be started; the text says why and what helps."""


class Guardian:
    """A forked process that runs one command when told; nothing of it survives.

    `pid` is the guardian's. `output` is the read end of one pipe with the command's standard output
    and error; it ends when the last process that holds it is gone.
    """

    def __init__(self, pid: int, output: int, channel: socket.socket, mark: str) -> None:
        self.pid, self.output = pid, output
        self._channel, self._mark = channel, mark
        self._ended = os.pidfd_open(pid)
        self._sending, self._reaping = threading.Lock(), threading.Lock()
        self._code: int | None = None

    @classmethod
    def fork(cls, mark: str) -> Self:
        """Fork a guardian; the caller must not have a second thread yet.

        `mark` is unique for the run: all its processes find it in their environment, and it is how
        they are found if the guardian itself is killed.
        """
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        with contextlib.suppress(PermissionError):  # the user's pipes are big enough in sum
            fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        pid = os.fork()
        if pid == 0:
            guard(theirs, write_end)
        theirs.close()
        os.close(write_end)
        return cls(pid, read_end, ours, mark)

    def start(self, argv: Sequence[str], *, cwd: str | Path, env: Mapping[str, str]) -> None:
        """Start the command with exactly this environment and the mark, and no input.

        Raises CommandNotStarted; the guardian has then ended, with code 127.
        """
        environment = {**env, MARK: self._mark}
        self._send({"start": {"argv": list(argv), "cwd": str(cwd), "env": environment}})
        while not wait_readable(self._channel.fileno(), 1.0):
            self._signal(signal.SIGCONT)  # a command may stop the guardian before it has answered
        answer = self._answer()
        if "refused" in answer:
            raise CommandNotStarted(answer["refused"])
        if "started" not in answer:
            raise CommandNotStarted(f"The process that watches over {argv[0]} has died")

    def hold(self, handle: int) -> None:
        """Let the guardian keep a duplicate of an open file until nothing of the run is left.

        A flock on it then outlives the caller's death by the time it takes to kill the tree.
        """
        self._send({"hold": True}, (handle,))

    def terminate(self) -> None:
        """Send SIGTERM to the command's process group, which may then end in its own time.

        `wait` returns when all of the group have ended, or after `kill`.
        """
        self._send({"terminate": True})

    def kill(self) -> None:
        """Kill the whole tree and return when it is gone; any thread may call it."""
        if self._code is not None:
            return
        self._send({"kill": True})
        self._signal(signal.SIGCONT)  # a command may have stopped it
        if not wait_readable(self._ended, 2 * KILL_LIMIT):
            self._signal(signal.SIGKILL)
        self.wait(None)

    def wait(self, timeout: float | None) -> int | None:
        """Return the exit code (0 to 255; 128+n for signal n), or None after `timeout` seconds.

        With a code no descendant of the guardian is alive any more.
        """
        if self._code is None and wait_readable(self._ended, timeout):
            with self._reaping:
                if self._code is None:
                    self._code = self._reap()
        return self._code

    def close(self) -> None:
        """Kill what is left and give all descriptors back."""
        if self._ended < 0:
            return
        self.kill()
        self._channel.close()
        os.close(self.output)
        os.close(self._ended)
        self._ended = -1

    def _reap(self) -> int:
        try:
            end = os.waitid(os.P_PIDFD, self._ended, os.WEXITED)
        except ChildProcessError:
            end = None  # somebody else has reaped it, and its code is lost
        if end and end.si_code == os.CLD_EXITED:
            return end.si_status
        logger.error("guardian died", extra={"mark": self._mark, "failed": self._answer()})
        kill_marked(self._mark)
        return KILLED

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._ended, number)

    def _send(self, message: dict[str, Any], handles: tuple[int, ...] = ()) -> None:
        # To a guardian that is gone nothing can be said; `wait` tells what became of it.
        with self._sending, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            frames.send(self._channel, message, handles)

    def _answer(self) -> dict[str, Any]:
        received = frames.receive(self._channel)
        return received[0] if received else {}

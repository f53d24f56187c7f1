"""Run commands so that each can be stopped as a whole and none outlives who wanted it.

    work horse ── Guardian (forked) ── one command after the other ── whatever it starts

The guardian is the subreaper of all that a command starts. It kills everything when the command
ends, when it is told to, and when its parent is gone, by SIGKILL too.
"""

import contextlib
import fcntl
import logging
import math
import os
import signal
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from app.lib import frames
from app.lib.confinement import Confinement
from app.lib.guarding import KILLED, guard
from app.lib.process_tree import KILL_LIMIT, MARK, kill_marked, wait_readable

PIPE_SIZE = 1 << 20
NOT_STARTED = 127  # as a shell says it
LOOK = 1.0  # seconds for which a command can keep its guardian stopped

logger = logging.getLogger(__name__)


class CommandNotStarted(Exception):
    """The command could not be started; the text says why and what helps."""


class Guardian:
    """A forked process that runs one command after the other; nothing of them survives.

    `pid` is the guardian's. `output` is the read end of a pipe with the standard output and error
    of the command that was started last (-1 before); it ends when the last process that holds it
    is gone, and is closed when the next command starts.
    """

    def __init__(self, pid: int, channel: socket.socket, mark: str) -> None:
        self.pid, self.output = pid, -1
        self._channel, self._mark = channel, mark
        self._ended = os.pidfd_open(pid)
        self._sending, self._hearing = threading.Lock(), threading.RLock()
        self._code: int | None = None  # of the command; None while it runs
        self._is_gone = False

    @classmethod
    def fork(cls, mark: str) -> Self:
        """Fork a guardian; the caller must not have a second thread yet.

        `mark` is unique for the run: all its processes find it in their environment, and it is how
        they are found if the guardian itself is killed.
        """
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            guard(theirs)
        theirs.close()
        return cls(pid, ours, mark)

    def start(
        self,
        argv: Sequence[str],
        *,
        cwd: str | Path,
        env: Mapping[str, str],
        terminal: int | None = None,
        stdout: int | None = None,
        inherit: Mapping[str, int] = MappingProxyType({}),
        confinement: Confinement | None = None,
        stop: int = signal.SIGTERM,
    ) -> None:
        """Start a command with exactly this environment and the mark; the one before has ended.

        `terminal` is the slave of a pseudo-terminal that nobody has used yet; the command reads
        from it and is controlled by it. Without it there is no input. `stdout` is an open file that
        takes the standard output in the place of the pipe. `inherit` maps variables to open
        descriptors: the command gets duplicates, and finds their numbers in the variables.
        `confinement` is what it gives up before it begins. `stop` is the signal of `terminate`.

        Raises CommandNotStarted; the next command may be started, unless the guardian was killed.
        """
        order = {
            "argv": list(argv),
            "cwd": str(cwd),
            "env": {**env, MARK: self._mark},
            "terminal": terminal is not None,
            "stdout": stdout is not None,
            "inherit": list(inherit),
            "stop": stop,
            "confinement": confinement.order if confinement else None,
        }
        own = [handle for handle in (terminal, stdout) if handle is not None]
        handles = (*own, *(confinement.handles if confinement else ()), *inherit.values())
        with self._hearing:  # the answer is ours, not that of a thread that waits
            self._send_start(order, handles)
            answer = self._answer_to_start()
        if "started" not in answer:
            died = f"The process that watches over {argv[0]} has died"
            raise CommandNotStarted(answer.get("refused", died))

    def hold(self, handle: int) -> None:
        """Let the guardian keep a duplicate of an open file until nothing of the run is left.

        A flock on it then outlives the caller's death by the time it takes to kill the tree.
        """
        self._send({"hold": True}, (handle,))

    def terminate(self) -> None:
        """Send its signal to the command's process group, which may then end in its own time.

        `wait` returns when all of the group have ended, or after `kill`. Between two commands it
        does nothing.
        """
        self._send({"terminate": True})

    def kill(self) -> None:
        """Kill the whole tree and return when it is gone; any thread may call it.

        It is final: a command that another thread starts at the same time is killed or refused.
        """
        if self._is_gone:
            return
        self._signal(signal.SIGCONT)  # stopped, it could not read what is being sent just now
        self._send({"kill": True})
        patience = time.monotonic() + 2 * KILL_LIMIT
        while not self._is_gone:
            if self._await(self._ended):
                self._hear()
            elif time.monotonic() >= patience:
                self._signal(signal.SIGKILL)

    def wait(self, timeout: float | None) -> int | None:
        """Return the exit code (0 to 255; 128+n for signal n), or None after `timeout` seconds.

        With a code no descendant of the guardian is alive any more, and the next command may be
        started.
        """
        end = math.inf if timeout is None else time.monotonic() + timeout
        while self._code is None:
            left = end - time.monotonic()
            if self._await(self._channel.fileno(), self._ended, timeout=min(left, LOOK)):
                self._hear()
            elif left <= LOOK:
                break
        return self._code

    def close(self) -> None:
        """Kill what is left and give all descriptors back."""
        if self._ended < 0:
            return
        self.kill()
        self._channel.close()
        self._close_output()
        os.close(self._ended)
        self._ended = -1

    def _send_start(self, order: dict[str, Any], handles: tuple[int, ...]) -> None:
        assert self.output < 0 or self._code is not None, "a command is still running"
        self._close_output()
        self.output, write_end = os.pipe()
        try:
            with contextlib.suppress(PermissionError):  # the user's pipes are big enough in sum
                fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
            self._send({"start": order}, (write_end, *handles))
        finally:
            os.close(write_end)
        self._code = KILLED if self._is_gone else None

    def _close_output(self) -> None:
        if self.output >= 0:
            os.close(self.output)
            self.output = -1

    def _answer_to_start(self) -> dict[str, Any]:
        """What the guardian says to a start; it is empty when the guardian has died."""
        answer: dict[str, Any] = {}
        while not answer and not self._is_gone:
            if self._await(self._channel.fileno(), self._ended):
                answer = self._hear()
        if "refused" in answer:
            self._code = NOT_STARTED
        return answer

    def _hear(self) -> dict[str, Any]:
        """Take in what the guardian says, if it says anything, or its death."""
        channel = self._channel.fileno()
        with self._hearing:
            if self._is_gone or not wait_readable(channel, self._ended, timeout=0):
                return {}  # another thread was first
            said = frames.receive(self._channel) if wait_readable(channel, timeout=0) else None
            if said is None:
                self._bury()
                return {}
            if "failed" in said[0]:
                logger.error("guardian failed", extra={"mark": self._mark} | said[0])
            self._code = said[0].get("ended", self._code)
            return said[0]

    def _bury(self) -> None:
        try:
            end = os.waitid(os.P_PIDFD, self._ended, os.WEXITED)
        except ChildProcessError:
            end = None  # somebody else has reaped it, and how it ended is lost
        if not end or (end.si_code, end.si_status) != (os.CLD_EXITED, 0):
            logger.error("guardian died", extra={"mark": self._mark})
            kill_marked(self._mark)
        if self._code is None:
            self._code = KILLED
        self._is_gone = True

    def _await(self, *handles: int, timeout: float = LOOK) -> bool:
        """Wait a moment for one of the descriptors, and wake a guardian that was stopped.

        It is no longer than a moment because another thread may hear what is waited for.
        """
        self._signal(signal.SIGCONT)
        return wait_readable(*handles, timeout=timeout)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._ended, number)

    def _send(self, message: dict[str, Any], handles: tuple[int, ...] = ()) -> None:
        # To a guardian that is gone nothing can be said; `wait` tells what became of it.
        with self._sending, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            frames.send(self._channel, message, handles)

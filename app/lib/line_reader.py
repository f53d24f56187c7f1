"""Read the output of a process, and wake up for what other threads have to say."""

import fcntl
import math
import os
import select
import threading
import time
from contextlib import suppress

from app.lib.line_writer import BATCH, LineWriter

PIPE_SIZE = 1024 * 1024  # bytes a process may be ahead of us; the system's default is 64 KB
LITTLE = 16 * 1024  # bytes: after a read of less we are faster than the process
REST = 30  # milliseconds in which its next lines may gather, if they are not due before


class LineReader:
    """Reads one process at a time into a LineWriter, from one thread.

    The descriptor stays its owner's: it is read to its end and never closed here.
    """

    def __init__(self, lines: LineWriter) -> None:
        self._lines = lines
        self._fd: int | None = None
        self._is_ahead = False
        self._waking = threading.Lock()  # no byte goes to a number that somebody else has by now
        self._waker: int | None
        self._awake, self._waker = os.pipe()
        os.set_blocking(self._awake, False)
        os.set_blocking(self._waker, False)

    @property
    def is_open(self) -> bool:
        """Whether there is a descriptor whose end has not been seen."""
        return self._fd is not None

    def attach(self, fd: int) -> None:
        """Read from now on what comes out of `fd`; its first line leaves at once."""
        assert self._fd is None, "the process before has not been read to its end"
        with suppress(OSError):  # not a pipe, or the user's share of pipe memory is used up
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self._lines.hurry()
        self._fd = fd
        self.wake()

    def give_up(self) -> bool:
        """Read what is in the pipe now, in the thread that waits, and treat that as its end.

        False: it was the end, nobody holds the other side any more.
        """
        left = PIPE_SIZE
        while self._fd is not None and left > 0 and _is_readable(self._fd):
            left -= self._read(self._fd)
        if self._fd is None:
            return False
        self._end()
        return True

    def wake(self) -> None:
        """Let `wait` return now. May be called from any thread."""
        with self._waking, suppress(BlockingIOError):  # full: it wakes up anyway
            if self._waker is not None:
                os.write(self._waker, b"\0")

    def wait(self, until: float | None) -> None:
        """Wait for output and read it, for `wake`, or until that moment of the monotonic clock."""
        poll, fd = select.poll(), self._fd
        poll.register(self._awake, select.POLLIN)
        if self._is_ahead and (due := self._lines.due):
            # One read for many lines of a process that writes each by itself.
            poll.poll(min(REST, _milliseconds(due)))
        if fd is not None:
            poll.register(fd, select.POLLIN)
        ready = {found for found, _ in poll.poll(None if until is None else _milliseconds(until))}
        if self._awake in ready:
            os.read(self._awake, 4096)
        if fd is not None and fd in ready:
            self._read(fd)

    def close(self) -> None:
        """Wait no more; `wake` does nothing from now on."""
        with self._waking:
            if self._waker is not None:
                os.close(self._awake)
                os.close(self._waker)
                self._waker = None

    def _read(self, fd: int) -> int:
        data = _read(fd)
        self._is_ahead = 0 < len(data) < LITTLE
        if data:
            self._lines.write(data)
        else:
            self._end()
        return len(data)

    def _end(self) -> None:
        self._lines.end()
        self._fd = None


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, BATCH)
    except OSError:  # what Linux says at the end of a pseudo-terminal
        return b""


def _is_readable(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))


def _milliseconds(until: float) -> int:
    return max(0, math.ceil((until - time.monotonic()) * 1000))

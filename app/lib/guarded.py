"""A program under supervision: what it is, and how often it may be started again."""

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.lib.linux import die_with

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between an end and the next start, doubling
HEALTHY_AFTER = 30.0  # seconds of life after which the next end counts as the first
LOOK_EVERY = 0.02  # seconds between two questions whether a program is ready

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Program:
    """What the supervisor has to know of one program."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]  # the complete environment
    stdin: bytes = b""  # what it reads, at most a pipe full (64 KB); then its input ends
    once: bool = False  # it has to end with status 0, and is not started again
    ready: Callable[[], bool] | None = None  # must become true before the next program starts
    announcement: Callable[[], str] | None = None  # what to print when it is ready first
    stop_limit: float = 10.0  # seconds between SIGTERM and SIGKILL
    until_its_turn: bool = False  # started again even while others are being stopped
    hint: str = ""  # where to read more when it ends
    quiet: bool = False  # what it says on standard output is of no interest


class Guarded:
    """One program and its process, if it has one."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.pid: int | None = None
        self.passed = False  # the next program may start
        self.told = False  # it has been asked to stop
        self.failed = False
        self.deadline = 0.0
        self._due = self._started = 0.0
        self._pause = FIRST_PAUSE

    def start_if_due(self, now: float) -> None:
        """Start the program unless it runs, is through, or has to pause."""
        if self.pid is None and now >= self._due and not (self.program.once and self.passed):
            self._started = now
            self._start()

    def look(self) -> str | None:
        """Find out whether it is ready; returns what is to be announced, once."""
        if self.passed or self.pid is None or self.program.once:
            return None
        self.passed = self.program.ready is None or self.program.ready()
        announce = self.program.announcement
        return announce() if self.passed and announce else None

    def ended(self, status: int, now: float) -> None:
        """Take note of the end of its process; `status` as waitpid gives it."""
        self.pid = None
        code = os.waitstatus_to_exitcode(status)
        if self.program.once:
            self.passed, self.failed = code == 0, code != 0
        if self.told or (self.passed and self.program.once):
            return
        if now - self._started >= HEALTHY_AFTER:
            self._pause = FIRST_PAUSE
        self._pause_after("program ended", code, now)

    def terminate(self, deadline: float) -> None:
        """Ask it to stop; at `deadline` the patience ends."""
        self.told, self.deadline = True, deadline
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def next_start(self, now: float) -> float | None:
        """Seconds until it is to be started or looked at again; None: not before it ends."""
        if self.failed or (self.program.once and self.passed):
            return None
        if self.pid is None:
            return max(0.0, self._due - now)
        return None if self.passed or self.program.once else LOOK_EVERY

    def _start(self) -> None:
        program = self.program
        try:
            process = subprocess.Popen(
                program.argv,
                env=program.env,
                stdin=subprocess.PIPE if program.stdin else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if program.quiet else None,
                preexec_fn=partial(die_with, os.getpid()),
            )
        except OSError as error:
            self._pause_after("program cannot be started", error.strerror, time.monotonic())
            return
        self.pid = process.pid
        process.returncode = 0  # the supervisor reaps it, with all others
        if process.stdin:
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(program.stdin)

    def _pause_after(self, what: str, status: object, now: float) -> None:
        told = {"program": self.program.name, "status": status, "again_in": self._pause}
        logger.warning(what, extra=told | {"hint": self.program.hint})
        self._due = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

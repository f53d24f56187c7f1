"""Forked children of one process: restarted with back-off when they die, ended in order."""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.lib.linux import die_with

logger = logging.getLogger(__name__)

AGAIN = 75  # the exit code of a child that has ended only to be forked afresh
FIRST_PAUSE, LONGEST_PAUSE, STABLE = 0.05, 5.0, 30.0  # seconds


@dataclass
class Child:
    """One named function that shall always run in a process of its own."""

    name: str
    main: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0  # when it is to be started again


@dataclass
class Forks:
    """The children of this process. Call everything from its only thread."""

    children: list[Child] = field(default_factory=list)

    def add(self, name: str, main: Callable[[], None]) -> None:
        """Name a function to be run; it starts with the next `tend`."""
        self.children.append(Child(name, main))

    @property
    def pids(self) -> list[int]:
        return [child.pid for child in self.children if child.pid]

    def tend(self) -> None:
        """Bury who has died and start who is due. Returns at once."""
        now = time.monotonic()
        self._bury(now)
        for child in self.children:
            if not child.pid and child.due <= now:
                child.pid, child.started = _fork(child), now

    def forward(self, number: int) -> None:
        """Send a signal to every child."""
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait(self, seconds: float) -> bool:
        """Wait for all children to end; whether they did. Nobody is started any more."""
        deadline = time.monotonic() + seconds
        while self._bury(time.monotonic()):
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        return True

    def _bury(self, now: float) -> bool:
        """Reap the dead; whether somebody still lives."""
        for child in self.children:
            if child.pid and (found := os.waitpid(child.pid, os.WNOHANG))[0]:
                self._plan_restart(child, now, os.waitstatus_to_exitcode(found[1]))
        return bool(self.pids)

    def _plan_restart(self, child: Child, now: float, code: int) -> None:
        if code == AGAIN:
            child.pid, child.due = 0, now
            return
        logger.info("child ended", extra={"child": child.name, "pid": child.pid})
        child.pause = FIRST_PAUSE if now - child.started > STABLE else child.pause
        child.pid, child.due = 0, now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)


def _fork(child: Child) -> int:
    parent, pid = os.getpid(), os.fork()
    if pid:
        return pid
    code = 1
    try:
        die_with(parent)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        child.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # nothing may return into the parent's stack
        logger.exception("child failed", extra={"child": child.name})
    finally:
        os._exit(code)

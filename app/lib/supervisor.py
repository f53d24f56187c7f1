"""Run several programs as one: whatever ends it, none of them stays behind.

    terminal ── standing by (subreaper) ── supervising (subreaper, own session) ── programs

The process that people see only stands by: it passes on Ctrl-C and SIGTERM, and cleans up if the
supervising one is killed. That one notices the end of a pipe when the first is killed. Each of the
two alone is enough to leave nothing behind.
"""

import contextlib
import math
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from typing import NoReturn

from app.lib.guarded import Guarded, Program
from app.lib.linux import become_subreaper
from app.lib.process_tree import KILL_LIMIT, kill_children, leave_no_child

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
IMPATIENT_AFTER = 1.0  # a second Ctrl-C within this time is the same key press


def supervise(programs: Sequence[Program], *, limit: float) -> int:
    """Run the programs until SIGINT, SIGTERM or SIGHUP; returns this process's exit code.

    They start in order, each when the one before is ready, and stop in the opposite order within
    `limit` seconds. The caller must not have a second thread, and no children.
    """
    become_subreaper()
    # An ignored signal (nohup) stays ignored; the others wait until somebody asks for them.
    wanted: set[int] = {n for n in STOPPING if signal.getsignal(n) != signal.SIG_IGN}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, wanted | {signal.SIGCHLD})
    life, ours = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _supervising(programs, life, limit, before)
    os.close(life)
    code = _stand_by(child, ours, wanted, limit)
    leave_no_child()
    return code


def _stand_by(child: int, life: int, wanted: set[int], limit: float) -> int:
    """Pass on signals until the supervising process has ended; returns its exit code."""
    pressed, give_up = 0.0, math.inf
    while True:
        number = _next_signal(wanted | {signal.SIGCHLD}, give_up)
        now = time.monotonic()
        if number == signal.SIGCHLD:
            end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG)
            if end:
                return end.si_status if end.si_code == os.CLD_EXITED else 1
        elif number is None:
            os.kill(child, signal.SIGKILL)  # it hangs: what it has left becomes ours
            give_up = math.inf
        elif number == signal.SIGINT and 0 < pressed < now - IMPATIENT_AFTER:
            os.close(life)  # pressed again: no more patience
            wanted, give_up = set(), now + KILL_LIMIT
        else:
            os.kill(child, signal.SIGTERM)
            pressed, give_up = pressed or now, min(give_up, now + limit + KILL_LIMIT)


def _next_signal(wanted: set[int], end: float) -> int | None:
    """Wait for a blocked signal; None when the monotonic clock passes `end`."""
    if end == math.inf:
        return signal.sigwait(wanted)
    found = signal.sigtimedwait(wanted, max(0.0, end - time.monotonic()))
    return found.si_signo if found else None


def _supervising(
    programs: Sequence[Program], life: int, limit: float, mask: Iterable[int]
) -> NoReturn:
    """What the forked process does; nothing may return into the stack of its parent."""
    code = None
    try:
        os.setsid()
        become_subreaper()
        code = Supervisor(programs, life, _woken_by_signals(mask), limit).run()
    finally:
        if code is None:
            traceback.print_exc()
        leave_no_child()
        os._exit(1 if code is None else code)


def _woken_by_signals(mask: Iterable[int]) -> int:
    """Unblock signals; returns a descriptor from which the numbers of those that came are read."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (*STOPPING, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return read_end


class Supervisor:
    """The loop of the supervising process."""

    def __init__(self, programs: Sequence[Program], life: int, woken: int, limit: float) -> None:
        """`life` shows by its end that the parent is gone, `woken` tells of signals."""
        self._all = [Guarded(program) for program in programs]
        self._life, self._woken, self._limit = life, woken, limit
        self._stop_by: float | None = None
        self._poll = select.poll()
        for handle in (life, woken):
            self._poll.register(handle, select.POLLIN)

    def run(self) -> int:
        """Return the exit code: 0 after an orderly stop, 1 if a program failed for good."""
        while self._stop_by is None or any(guarded.pid for guarded in self._all):
            wait = self._start_next() if self._stop_by is None else self._stop_next(self._stop_by)
            if self._sleep(wait):
                break  # the parent is gone or impatient: what is left is killed
            self._reap()
        return int(any(guarded.failed for guarded in self._all))

    def _start_next(self) -> float | None:
        """Start what is due, up to the first that is not ready; seconds until the next look."""
        waits = []
        for guarded in self._all:
            guarded.start_if_due(time.monotonic())
            if text := guarded.look():
                _say(text)
            waits.append(guarded.next_start(time.monotonic()))
            if not guarded.passed:
                break
        return min((wait for wait in waits if wait is not None), default=None)

    def _stop_next(self, stop_by: float) -> float | None:
        """One after the other, the last first: ask, wait, insist; seconds until the next look."""
        now = time.monotonic()
        waits = [self._keep(guarded, now) for guarded in self._all]
        for guarded in reversed(self._all):
            if not guarded.told:
                guarded.terminate(min(now + guarded.program.stop_limit, stop_by))
            if guarded.pid:
                if now >= guarded.deadline:
                    kill_children({other.pid for other in self._all if other.pid} - {guarded.pid})
                waits.append(max(0.0, guarded.deadline - now))
                break
        return min((wait for wait in waits if wait is not None), default=None)

    def _keep(self, guarded: Guarded, now: float) -> float | None:
        """What the others need while they stop is started again until its own turn comes."""
        if guarded.told or not guarded.passed or not guarded.program.until_its_turn:
            return None
        guarded.start_if_due(now)
        return guarded.next_start(now)

    def _sleep(self, seconds: float | None) -> bool:
        """Sleep until something happens; whether the parent is gone."""
        found = self._poll.poll(None if seconds is None else math.ceil(1000 * seconds))
        ready = {handle for handle, _ in found}
        if self._woken in ready and set(os.read(self._woken, 4096)) & set(STOPPING):
            self._stop_by = self._stop_by or time.monotonic() + self._limit
        return self._life in ready

    def _reap(self) -> None:
        """Take note of who has ended; orphans of the programs have become ours as well."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                for guarded in self._all:
                    if guarded.pid == found[0]:
                        guarded.ended(found[1], time.monotonic())
        if any(guarded.failed for guarded in self._all):
            self._stop_by = self._stop_by or time.monotonic() + self._limit


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # a closed terminal is no reason to stop
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

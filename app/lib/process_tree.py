"""Find processes and end them, so that none is forgotten and no stranger is hit.

A process is named by pid and start time: a pid alone may by now belong to somebody else.
"""

import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MARK = "HELIOGRAPH_RUN"  # the variable whose value all processes of one run inherit
KILL_LIMIT = (
    10.0  # seconds; only a process stuck in the kernel needs more, and it runs no more code
)
GONE = (b"Z", b"X")


class Process(NamedTuple):
    pid: int
    started: int  # clock ticks since boot


class _Stat(NamedTuple):
    process: Process
    parent: int
    group: int
    state: bytes


def descendants(pid: int) -> list[int]:
    """Return the pids of everything below `pid`, parents before children, zombies included."""
    return [stat.process.pid for stat in _below(pid, set())]


def is_below(pid: int, ancestor: int) -> bool:
    """Whether a process is a descendant of another one, as things are now."""
    seen: set[int] = set()
    while pid > 1 and pid not in seen:
        seen.add(pid)
        stat = _stat(pid)
        if stat is None:
            return False
        pid = stat.parent
        if pid == ancestor:
            return True
    return False


def ancestors(pid: int) -> list[int]:
    """The pids above a process, its parent first, without init."""
    found: list[int] = []
    stat = _stat(pid)
    while stat and stat.parent > 1 and stat.parent not in found:
        found.append(stat.parent)
        stat = _stat(stat.parent)
    return found


def living_in_group(group: int) -> list[int]:
    """Return the pids below this process that belong to a process group and have not ended."""
    everybody = _below(os.getpid(), set())
    return [s.process.pid for s in everybody if s.group == group and s.state not in GONE]


def kill_marked(mark: str, limit: float = KILL_LIMIT) -> bool:
    """Kill every process with this mark in its environment until none is left.

    For the case that the process which kept the tree together is gone. Returns False if some
    are still there after `limit` seconds.
    """
    wanted = f"{MARK}={mark}".encode()
    end = time.monotonic() + limit
    while found := _marked(wanted):
        for process in found:
            send(process, signal.SIGKILL)
        if not wait_gone(found, end):
            return False
    return True


def kill_children(exclude: set[int], limit: float = KILL_LIMIT) -> None:
    """Kill all children of this process but the excluded, with all that is below them.

    They are not reaped: who started them may still ask for their status.
    """
    found: set[Process] = set()
    while new := {p for p in _living_below(os.getpid(), exclude) if p not in found}:
        for process in new:
            send(process, signal.SIGSTOP)  # what is stopped has no more children
        found |= new
    for process in found:
        send(process, signal.SIGKILL)
    wait_gone(list(found), time.monotonic() + limit)


def leave_no_child(limit: float = KILL_LIMIT) -> bool:
    """Kill and reap everything below this process, which is a subreaper.

    Every orphan has become our child, so that "no child" from waitpid proves that nothing is
    left. Returns False if nobody has died for `limit` seconds and somebody is still there.
    """
    end = time.monotonic() + limit
    # Blocked, a death between the look and the wait is not missed.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    try:
        while (reaped := _reap()) is not None:
            end = time.monotonic() + limit if reaped else end
            if time.monotonic() >= end:
                return False
            for process in _living_below(os.getpid(), set()):
                send(process, signal.SIGKILL)
            signal.sigtimedwait({signal.SIGCHLD}, 0.1)
        return True
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def send(process: Process, number: int) -> None:
    """Send a signal to exactly this process; if it is gone or not ours, to nobody."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        stat = _stat(process.pid)
        if stat and stat.process == process:
            signal.pidfd_send_signal(handle, number)
    except (ProcessLookupError, PermissionError):
        pass
    finally:
        os.close(handle)


def wait_gone(processes: list[Process], end: float) -> bool:
    """Wait until all have ended (zombies have); False when the monotonic clock passes `end`."""
    return all(_wait_gone(process, end) for process in processes)


def _wait_gone(process: Process, end: float) -> bool:
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        stat = _stat(process.pid)
        if not stat or stat.process != process:
            return True
        return wait_readable(handle, timeout=end - time.monotonic())
    finally:
        os.close(handle)


def wait_readable(*handles: int, timeout: float | None) -> bool:
    """Wait for one of the descriptors; a pidfd is readable when its process has ended."""
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    return bool(poll.poll(None if timeout is None else max(0.0, timeout) * 1000))


def _reap() -> int | None:
    """Reap what has ended: how many, or None if there is no child left."""
    reaped = 0
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            reaped += 1
    except ChildProcessError:
        return None
    return reaped


def _living_below(pid: int, exclude: set[int]) -> list[Process]:
    """What is excluded is left out with all that is below it."""
    found = _below(pid, exclude)
    return [stat.process for stat in found if stat.state not in GONE]


def _below(pid: int, exclude: set[int]) -> list[_Stat]:
    children: dict[int, list[_Stat]] = {}
    for stat in _all():
        if stat.process.pid not in exclude:
            children.setdefault(stat.parent, []).append(stat)
    found: list[_Stat] = []
    todo = [pid]
    while todo:
        below = children.pop(todo.pop(0), [])
        found += below
        todo += [stat.process.pid for stat in below]
    return found


def _marked(wanted: bytes) -> list[Process]:
    """During an exec a process has no environment for a moment: an empty look is repeated."""
    for pause in (0.01, 0.0):
        everybody = [stat.process for stat in _all() if stat.process.pid != os.getpid()]
        if found := [process for process in everybody if wanted in _environ(process.pid)]:
            return found
        time.sleep(pause)
    return []


def _all() -> Iterator[_Stat]:
    for name in os.listdir("/proc"):  # noqa: PTH208  names are all that is wanted
        if name.isdigit() and (stat := _stat(int(name))):
            yield stat


def _stat(pid: int) -> _Stat | None:
    try:
        line = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    fields = line.rpartition(b")")[2].split()  # the name before it may hold anything
    return _Stat(Process(pid, int(fields[19])), int(fields[1]), int(fields[2]), fields[0])


def _environ(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []

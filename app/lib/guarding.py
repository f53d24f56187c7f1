"""What a guardian does after its fork: run one command, and leave nothing of it behind.

It listens to its parent on a socket. Whatever comes first ends it: the command's end, an order, or
the end of the parent, which the socket shows. Then everything below it is killed.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import subprocess
import traceback
from pathlib import Path
from typing import Any, NoReturn

from app.lib import frames
from app.lib.linux import become_subreaper
from app.lib.process_tree import leave_no_child, living_in_group

KILLED = 128 + signal.SIGKILL
NOT_STARTED = 127  # as a shell says it
HANDLED = (
    signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT,
    signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
)  # fmt: skip
LEFT_ALONE = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, *HANDLED}


def guard(channel: socket.socket, output: int) -> NoReturn:
    """Be the guardian until the end of this process; its exit code is the command's.

    After a failure of its own it ends by SIGKILL, which the parent takes for what it is.
    """
    try:
        code = _Guard(channel, output).run()
        leave_no_child()
        os._exit(code)
    except BaseException:  # nothing may return into the stack of the forked parent
        _report(channel, traceback.format_exc())
        leave_no_child()
        os.kill(os.getpid(), signal.SIGKILL)
        raise


def _report(channel: socket.socket, text: str) -> None:
    with contextlib.suppress(OSError):  # without a parent there is nobody who could read it
        frames.send(channel, {"failed": text})


class _Guard:
    def __init__(self, channel: socket.socket, output: int) -> None:
        self._channel, self._output = channel, output
        self._command: subprocess.Popen[bytes] | None = None
        self._end = -1  # pidfd of the command
        self._held: list[int] = []
        self._asked = False  # whether the command was told to stop
        self._poll = select.poll()

    def run(self) -> int:
        """Return the exit code once the command has ended or must end."""
        _settle({self._channel.fileno(), self._output})
        self._poll.register(self._channel, select.POLLIN)
        code = None
        while code is None:
            ready = {handle for handle, _ in self._poll.poll()}
            if self._end not in ready:
                code = self._obey(frames.receive(self._channel))
                continue
            assert self._command
            self._wait_for_group(self._command.pid)
            self._signal_group(signal.SIGKILL)
            code = _exit_code(self._command.wait())
        return code

    def _wait_for_group(self, group: int) -> None:
        """Give those whom a stop has reached as well the same time as the command.

        A shell dies of SIGTERM at once, while the tool it runs still cleans up. When the time is
        over, an order comes: the parent decides.
        """
        channel = self._channel.fileno()
        while self._asked and (left := living_in_group(group)):
            with contextlib.suppress(ProcessLookupError):
                handle = os.pidfd_open(left[0])
                found = select.select([handle, channel], [], [])[0]
                os.close(handle)
                if channel in found and self._obey(frames.receive(self._channel)) is not None:
                    return

    def _obey(self, received: tuple[dict[str, Any], list[int]] | None) -> int | None:
        """Carry out an order; returns the exit code if this is the end."""
        order, handles = received or ({"kill": True}, [])
        self._held += handles
        if "start" in order:
            answer = self._start(**order["start"])
            frames.send(self._channel, answer)
            return NOT_STARTED if "refused" in answer else None
        if "kill" in order:
            self._signal_group(signal.SIGKILL)
            return KILLED
        if "terminate" in order:
            self._asked = True
            self._signal_group(signal.SIGTERM)
        return None

    def _signal_group(self, number: int) -> None:
        """Reach all in the command's process group at once, before they can fork on.

        The command is not reaped yet, so that the group's number cannot be a stranger's.
        """
        if self._command:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._command.pid, number)

    def _start(self, argv: list[str], cwd: str, env: dict[str, str]) -> dict[str, Any]:
        try:
            self._command = subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return {"refused": _reason(error, argv, cwd)}
        # Held open here, the reader would never see the end of the output.
        os.close(self._output)
        self._end = os.pidfd_open(self._command.pid)
        self._poll.register(self._end, select.POLLIN)
        return {"started": self._command.pid}


def _settle(keep: set[int]) -> None:
    """Become a process of its own: session, orphans, signals, and no descriptor of the parent."""
    gc.disable()  # a collection would copy the pages shared with the parent
    os.setsid()
    become_subreaper()
    for number in signal.valid_signals() - LEFT_ALONE:
        signal.signal(number, signal.SIG_DFL)
    for number in HANDLED:
        # Not SIG_IGN: that survives exec, and the command could not be asked to stop.
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard, inheritable=False)
    _close_all_but({0, 1, 2, *keep})


def _close_all_but(keep: set[int]) -> None:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  descriptors are numbers, not paths
        if int(name) not in keep:
            with contextlib.suppress(OSError):  # the listing's own is closed already
                os.close(int(name))


def _exit_code(status: int) -> int:
    return status if status >= 0 else 128 - status


def _reason(error: OSError | ValueError, argv: list[str], cwd: str) -> str:
    """Why a command could not be started, for the person who wants it to run."""
    if isinstance(error, ValueError):
        return f"{argv[0]} cannot be started: an argument or a variable holds a zero byte"
    if not Path(cwd).is_dir():
        return f"The directory {cwd} does not exist"
    if isinstance(error, PermissionError):
        where = cwd if error.filename == cwd else argv[0]
        return f"Permission denied: {where}"
    if isinstance(error, FileNotFoundError):
        if Path(cwd, argv[0]).exists():
            return f"{argv[0]} names an interpreter in its first line that was not found"
        return f"{argv[0]} was not found: install it or set its path"
    return f"{argv[0]} cannot be started: {os.strerror(error.errno or 0)}"

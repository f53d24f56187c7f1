"""What a guardian does after its fork: run commands, and leave nothing of them behind.

It listens to its parent on a socket. Whatever comes first ends a command: its own end, an order,
or the end of the parent, which the socket shows. Then everything below the guardian is killed.
After the command's own end it is ready for the next one.
"""

import contextlib
import errno
import fcntl
import gc
import os
import select
import signal
import socket
import subprocess
import termios
import traceback
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from app.lib import frames
from app.lib.confinement import Confinement
from app.lib.linux import become_subreaper
from app.lib.process_tree import leave_no_child, living_in_group

KILLED = 128 + signal.SIGKILL
HANDLED = (
    signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT,
    signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
)  # fmt: skip
LEFT_ALONE = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, *HANDLED}


def guard(channel: socket.socket) -> NoReturn:
    """Be the guardian until the end of this process.

    After a failure of its own it ends by SIGKILL, which the parent takes for what it is.
    """
    try:
        _Guard(channel).run()
        leave_no_child()
        os._exit(0)
    except BaseException:  # nothing may return into the stack of the forked parent
        _tell(channel, {"failed": traceback.format_exc()})
        leave_no_child()
        os.kill(os.getpid(), signal.SIGKILL)
        raise


def _tell(channel: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # without a parent there is nobody who could read it
        frames.send(channel, message)


class _Guard:
    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._command: subprocess.Popen[bytes] | None = None
        self._held: list[int] = []
        self._asked = False  # whether the command was told to stop
        self._over = False  # whether all must end, and nothing may start any more

    def run(self) -> None:
        """Run what the parent tells, one command at a time, until all must end."""
        _settle({self._channel.fileno()})
        while not self._over:
            self._obey(frames.receive(self._channel))
            if self._command:
                code = self._watch(self._command)
                leave_no_child()
                self._command, self._asked = None, False
                _tell(self._channel, {"ended": code})

    def _watch(self, command: subprocess.Popen[bytes]) -> int:
        """Return the exit code once the command has ended or must end."""
        self._wait_for(command.pid)
        if self._over:
            self._signal_group(signal.SIGKILL)
            return KILLED
        self._wait_for_group(command.pid)
        self._signal_group(signal.SIGKILL)
        return _exit_code(command.wait())

    def _wait_for_group(self, group: int) -> None:
        """Give those whom a stop has reached as well the same time as the command.

        A shell dies of SIGTERM at once, while the tool it runs still cleans up. When the time is
        over, an order comes: the parent decides.
        """
        while self._asked and not self._over and (left := living_in_group(group)):
            with contextlib.suppress(ProcessLookupError):
                self._wait_for(left[0])

    def _wait_for(self, pid: int) -> None:
        """Return when this process has ended, or when all must end."""
        handle = os.pidfd_open(pid)
        try:
            while not self._over:
                if handle in select.select([handle, self._channel.fileno()], [], [])[0]:
                    return
                self._obey(frames.receive(self._channel))
        finally:
            os.close(handle)

    def _obey(self, received: tuple[dict[str, Any], list[int]] | None) -> None:
        order, handles = received or ({"kill": True}, [])
        if "start" in order:
            _tell(self._channel, self._start(order["start"], handles))
        elif "hold" in order:
            self._held += handles
        elif "kill" in order:
            self._over = True
        elif "terminate" in order and self._command:
            self._asked = True
            self._signal_group(self._stop)

    def _signal_group(self, number: int) -> None:
        """Reach all in the command's process group at once, before they can fork on.

        The command is not reaped yet, so that the group's number cannot be a stranger's.
        """
        if self._command:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._command.pid, number)

    def _start(self, order: dict[str, Any], handles: list[int]) -> dict[str, Any]:
        try:
            self._command, self._stop = _started(order, *handles), order["stop"]
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return {"refused": _reason(error, order["argv"], order["cwd"])}
        finally:
            # Held open here, the reader would never see the end of the output.
            for handle in handles:
                os.close(handle)
        return {"started": self._command.pid}


def _started(order: dict[str, Any], output: int, *others: int) -> subprocess.Popen[bytes]:
    """Start a command; `others` are its terminal, the file for its standard output and its rules,
    as far as it has them, and what it inherits."""
    left = list(others)
    terminal = left.pop(0) if order["terminal"] else None
    stdout = left.pop(0) if order["stdout"] else output
    confinement = _confinement(order["confinement"], left)
    numbers = {name: str(n) for name, n in zip(order["inherit"], left, strict=True)}
    return subprocess.Popen(
        order["argv"],
        cwd=order["cwd"],
        env=order["env"] | numbers,
        stdin=subprocess.DEVNULL if terminal is None else terminal,
        stdout=stdout,
        stderr=output,
        start_new_session=True,
        # This process has one thread.
        preexec_fn=partial(_enter, terminal is not None, confinement),
        pass_fds=left,
        **(confinement.identity if confinement else {}),
    )


def _confinement(order: dict[str, Any] | None, handles: list[int]) -> Confinement | None:
    """What the command gives up; takes its descriptor out of `handles`."""
    if order is None:
        return None
    return Confinement.of(order, handles.pop(0) if order["rules"] else -1)


def _enter(has_terminal: bool, confinement: Confinement | None) -> None:
    """In the child: the terminal that is its input becomes what /dev/tty means; then the limits."""
    if has_terminal:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if confinement:
        confinement.enter()


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


def _reason(error: Exception, argv: list[str], cwd: str) -> str:
    """Why a command could not be started, for the person who wants it to run."""
    if isinstance(error, subprocess.SubprocessError):
        return f"{argv[0]} cannot be started: it cannot control its terminal, or be confined"
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
    number = getattr(error, "errno", None) or 0
    if number == errno.E2BIG:
        return (
            f"{argv[0]} cannot be started: one of its arguments and variables is longer than"
            " 128 KB, or all together than 2 MB"
        )
    return f"{argv[0]} cannot be started: {os.strerror(number)}"

"""The system's git, driven by GitPython's builder of command lines.

git gets an empty environment, no user's or system's configuration, no hooks and no prompt; it
speaks only the protocols it is given, and what is running can be stopped.
"""

import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

# GitPython looks for git when it is imported. Without one, a run shall say so, not the import.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import git as gitpython

from app.lib.git_errors import Killed, NotInstalled, classify

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHECK_EVERY = 0.2  # seconds between two looks at whether the work is still wanted
GRACE = 2.0  # seconds git gets to remove its temporary files when it is stopped
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "gc.autoDetach=false",  # what git starts ends before it does
    "http.lowSpeedLimit=1000",  # bytes a second; slower than this
    "http.lowSpeedTime=60",  # for so many seconds is a connection that hangs
    "advice.detachedHead=false",
)


def ssh_command(
    known_hosts: Path | None = None,
    host_keys: str = "accept-new",
    agent: Path | None = None,
    user: str = "",
) -> str:
    """The ssh that git starts: never asks, never uses the server's own keys and settings.

    `host_keys`: yes, accept-new or no (StrictHostKeyChecking); without a file nothing is kept.
    `agent` is the socket of the one that has the key; `user` signs in where the address names none.
    """
    options = {
        "IdentityAgent": str(agent or "none"),
        "BatchMode": "yes",
        "ConnectTimeout": "15",
        "ServerAliveInterval": "15",
        "IdentityFile": "none",
        "StrictHostKeyChecking": host_keys,
        "UserKnownHostsFile": str(known_hosts or "/dev/null"),
    }
    if user:
        options["User"] = user
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return shlex.join(["ssh", "-F", "/dev/null", *words])


@dataclass(frozen=True)
class GitSettings:
    """How git is started for one run or probe.

    `env` is the administrator's (proxies, private CA) and the run's mark, never a user's.
    `check` is called while git works and raises what shall end it; `say` takes lines for the
    log. `locks` are open descriptors that git inherits, so that what they lock stays locked as
    long as git lives. `options` are more settings of git (name=value), which every user of the
    machine can read, and `handles` descriptors that they speak of.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 4
    ssh: str = field(default_factory=ssh_command)
    check: Callable[[], None] = lambda: None
    say: Callable[[str], None] = lambda text: None
    pause: Callable[[float], None] = time.sleep
    locks: tuple[int, ...] = ()
    options: tuple[str, ...] = ()
    handles: tuple[int, ...] = ()

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than the work is wanted."""
        while seconds > 0:
            self.check()
            self.pause(min(CHECK_EVERY, seconds))
            seconds -= CHECK_EVERY


class Git(gitpython.Git):
    """git in one repository: `Git(git_dir, settings).for_each_ref("refs/heads")`.

    Each method returns git's standard output without the last line break (undecodable bytes as
    surrogates) and raises a GitError. `said` is what git wrote to standard error. The directory
    is named, never searched: where it is damaged, git would find another one further up.
    """

    def __init__(
        self,
        git_dir: Path | None,
        settings: GitSettings,
        *,
        work_tree: Path | None = None,
        protocols: Sequence[str] = (),
    ) -> None:
        super().__init__(work_tree)
        self.settings = settings
        self.said = ""
        self.sealed = _environment(settings, protocols) | {"GIT_DIR": str(git_dir or os.devnull)}
        if work_tree:
            self.sealed["GIT_WORK_TREE"] = str(work_tree)
        self.set_persistent_git_options(c=[*_SETTINGS, *settings.options])

    def execute(  # type: ignore[override]
        self, command: Sequence[str], istream: IO[bytes] | None = None, **_: Any
    ) -> str:
        """Run what GitPython has put together; it would hand on the server's environment."""
        process = self._start(command, istream)
        output, errors = self._communicate(process)
        self.said = errors.decode(errors="replace")
        if process.returncode:
            self.settings.check()  # Whoever stops a run may have killed git already.
            if process.returncode < 0:
                raise Killed(f"git was killed by signal {-process.returncode}.", self.said)
            verb = next(
                word
                for word in command[1:]
                if word not in ("-c", *_SETTINGS, *self.settings.options)
            )
            raise classify(self.said, verb)
        return os.fsdecode(output.removesuffix(b"\n"))

    def _start(self, command: Sequence[str], istream: IO[bytes] | None) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command,
                cwd=self.working_dir or "/",
                env=self.sealed,
                stdin=istream or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(*self.settings.locks, *self.settings.handles),
            )
        except FileNotFoundError as error:
            if error.filename != command[0]:
                raise
            raise NotInstalled from error

    def _communicate(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """All of both outputs. Popen's own, given a time limit, sleeps before it sees the end."""
        assert process.stdout and process.stderr
        read: dict[Any, list[bytes]] = {process.stdout: [], process.stderr: []}
        try:
            with selectors.DefaultSelector() as selector:
                for stream in read:
                    selector.register(stream, selectors.EVENT_READ)
                while selector.get_map():
                    self._read(selector, read)
            process.wait()
        except BaseException:
            _end(process)
            raise
        process.stdout.close()
        process.stderr.close()
        return b"".join(read[process.stdout]), b"".join(read[process.stderr])

    def _read(self, selector: selectors.BaseSelector, read: dict[Any, list[bytes]]) -> None:
        ready = selector.select(CHECK_EVERY)
        if not ready:
            self.settings.check()
        for key, _ in ready:
            if data := os.read(key.fd, 1 << 16):
                read[key.fileobj].append(data)
            else:
                selector.unregister(key.fileobj)


def _environment(settings: GitSettings, protocols: Sequence[str]) -> dict[str, str]:
    """Everything git sees. What keeps it harmless stands last and cannot be overridden."""
    return {
        "PATH": SYSTEM_PATH,
        "GIT_SSH_COMMAND": settings.ssh,
        **settings.env,
        "HOME": "/dev/null",
        "LC_ALL": "C.UTF-8",  # English messages, which classify() reads, and any file name
        "LANGUAGE": "",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": ":".join(protocols),
        "GIT_NO_LAZY_FETCH": "1",
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop git and its helpers (ssh, index-pack), which share its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.communicate(timeout=GRACE)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            break
    process.wait()

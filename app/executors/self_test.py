"""What tasks on this machine can reach of the server: tried, not assumed.

A probe is started exactly as a task is, and attacks files, sockets and processes made for it.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from app.executors.isolation import OFF, confined
from app.executors.machine import EngineSettings
from app.executors.spec import Place, PreparationFailed
from app.lib import landlock
from app.lib.git import SYSTEM_PATH
from app.lib.process import CommandNotStarted, Guardian
from app.lib.process_tree import ancestors

PROBE = Path(__file__).with_name("attacks.py")
CODE = Path(__file__).parents[1]
MUST_WORK = "its own run"
# Not of the server's making, and dangerous wherever they are reached.
DANGERS = {
    "Redis without a password": "Redis answers without a password: a task can run code in a worker",
    "docker.sock": "docker.sock is open to tasks: that is root on this machine",
}
MINOR = {"signals to the server", "a socket of the server"}  # what a kernel before 6.12 leaves
LIMIT = 20.0  # seconds
FAILURES = (
    OSError, ValueError, subprocess.SubprocessError, CommandNotStarted, PreparationFailed,
)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """`reached`: what the probe could do, of `tried` attacks; `error`: why there was none."""

    mode: str
    landlock: int
    reached: tuple[str, ...] = ()
    tried: int = 0
    error: str = ""
    user: str = ""  # that tasks run as; "": the worker's own

    @property
    def is_isolated(self) -> bool:
        """Whether no task can read or change what is the server's."""
        return not self.error and not set(self.reached) - DANGERS.keys() - MINOR

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON values, for the row of a worker."""
        return {
            "mode": self.mode,
            "landlock": self.landlock,
            "reached": list(self.reached),
            "tried": self.tried,
            "error": self.error,
            "user": self.user,
        }


def run(settings: EngineSettings, redis_url: str) -> Findings:
    """Try it; this process must have one thread only, and its data directory be writable."""
    mode, version, user = settings.isolation.mode, 0, settings.isolation.user
    if mode != OFF:
        version = landlock.abi()
    try:
        found = _attack(settings, redis_url)
    except FAILURES as error:
        return Findings(mode, version, error=f"the self-test did not run: {error}", user=user)
    if not found.pop(MUST_WORK):
        return Findings(mode, version, error="a task cannot write its own run", user=user)
    reached = tuple(name for name, is_reached in found.items() if is_reached)
    return Findings(mode, version, reached, len(found), user=user)


def _attack(settings: EngineSettings, redis_url: str) -> dict[str, bool]:
    with _ground(settings.data_dir.resolve()) as folder, closing(_listening()) as listener:
        place = _place(folder)
        told = {
            "pid": os.getpid(),
            "ancestors": ancestors(os.getpid()),
            "secret": str(folder / "secret"),
            "other_run": str(folder / "workspaces/2/secret"),
            "other_mirror": str(folder / "mirrors/2/config"),
            "own": str(place.directory),
            "code": str(CODE),
            "abstract": listener.getsockname()[1:].decode(),
            "redis": _address(redis_url),
        }
        env = {"PATH": SYSTEM_PATH, "HOME": str(place.home)}
        return _started(settings, place, env, json.dumps(told))


@contextmanager
def _ground(data: Path) -> Iterator[Path]:
    """A directory of the server's, with secrets of the kinds that it has."""
    folder = data / f"self-test-{secrets.token_hex(4)}"
    try:
        for name in ("secret", "workspaces/2/secret", "mirrors/2/config"):
            file = folder / name
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(folder: Path) -> Place:
    own = folder / "workspaces/1"
    for name in ("checkout", "home", "tmp"):
        (own / name).mkdir(mode=0o700, parents=True)
    return Place(own / "checkout", own / "home", own / "tmp", -1, None, "")


def _listening() -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"\0heliograph-{secrets.token_hex(8)}")
    listener.listen()
    return listener


def _address(url: str) -> str:
    """Where Redis listens, without what it takes to be let in."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix:{unquote(parts.path)}"
    kind = "tls" if parts.scheme == "rediss" else "tcp"
    return f"{kind}:{parts.hostname or 'localhost'}:{parts.port or 6379}"


def _started(
    settings: EngineSettings, place: Place, env: Mapping[str, str], told: str
) -> dict[str, bool]:
    with closing(Guardian.fork(place.home.parent.parent.name)) as guardian:
        with confined(settings, 0, [place]) as confinement:
            # Any Python will do, and the server's own may lie where the user of tasks cannot go.
            python = shutil.which("python3", path=SYSTEM_PATH) or sys.executable
            argv = [python, "-I", str(PROBE), told]
            guardian.start(argv, cwd=place.directory, env=env, confinement=confinement)
        code = guardian.wait(LIMIT)
        said = os.read(guardian.output, 1 << 16) if code is not None else b"it took too long"
        if code != 0:
            raise ValueError(said.decode(errors="replace").strip()[-300:] or "it was killed")
    found: dict[str, bool] = json.loads(said)
    return found

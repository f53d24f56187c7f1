"""The ssh servers that a project knows, as ssh reads them; what ssh learns is told to it."""

from collections.abc import Sequence
from pathlib import Path

from app.executors.spec import HostKeySpec, Reporter
from app.lib import plain_file
from app.lib.whole_numbers import whole

USUAL_PORT = 22
MOST = 1000  # lines, and
LARGEST = 1 << 20  # bytes of a file that are read
LONGEST_HOST, LONGEST_TYPE = 255, 64  # characters that a project keeps


def write(file: Path, known: Sequence[HostKeySpec]) -> None:
    """Make the file that a run's ssh and git use; ssh adds to it what it is told to accept."""
    lines = (f"{_address(one.host, one.port)} {one.type} {one.key}\n" for one in known)
    file.touch(mode=0o600)
    file.write_text("".join(lines))


def report_new(file: Path, known: Sequence[HostKeySpec], reporter: Reporter) -> None:
    """Tell of each server whose key has come to the file since it was written."""
    before = {(one.host, one.port, one.type) for one in known}
    for one in _read(file):
        if (one.host, one.port, one.type) not in before:
            before.add((one.host, one.port, one.type))
            reporter.event("host_key", host=one.host, port=one.port, type=one.type, key=one.key)


def _read(file: Path) -> list[HostKeySpec]:
    """What the file says; a task may have written to it, so that lines of another form are left."""
    text = (plain_file.read(file, LARGEST) or b"").decode(errors="replace")
    found = []
    for words in (line.split() for line in text.splitlines()[:MOST]):
        if len(words) == 3 and not words[0].startswith(("|", "@", "#")):
            host, port = _parts(words[0].split(",")[0])
            if 0 < port < 2**16 and len(host) <= LONGEST_HOST and len(words[1]) <= LONGEST_TYPE:
                found.append(HostKeySpec(host, port, words[1], words[2]))
    return found


def _address(host: str, port: int) -> str:
    return host if port == USUAL_PORT else f"[{host}]:{port}"


def _parts(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("[").partition("]:")
    return host, (whole(port) or 0) if port else USUAL_PORT

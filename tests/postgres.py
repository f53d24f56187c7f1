"""A PostgreSQL of the tests' own: a new cluster in a temporary directory, on a private socket."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lib.processes import is_alive, until

USER = "postgres"  # the server refuses to run as root
ZONE = "Pacific/Kiritimati"  # 14 hours ahead of UTC: nothing may depend on the server's day


def binaries() -> Path | None:
    """Where the server's programs are; none if it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server; yields the URL of its database `postgres`, and removes it afterwards."""
    programs = binaries()
    assert programs
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        home = Path(folder)
        if os.geteuid() == 0:
            shutil.chown(home, USER)
        data = home / "data"
        _run(programs / "initdb", "-D", data, "-U", USER, "--auth=trust", "--no-sync")
        _start(data)
        try:
            yield f"postgresql://{USER}@/postgres?host={home}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def postmaster(url: str) -> int:
    """The pid of the process above all others of a cluster."""
    return int((_data(url) / "postmaster.pid").read_text().split("\n")[0])


def restart(url: str) -> None:
    """Start a cluster again whose postmaster was killed, once its other processes know it."""
    data = _data(url)
    until(lambda: not any(_works_in(data, name) for name in os.listdir("/proc")))
    # Where nobody reaps the dead, the old one still seems to run.
    for lock in (data / "postmaster.pid", data.parent / ".s.PGSQL.5432.lock"):
        lock.unlink()
    _start(data)


def _start(data: Path) -> None:
    programs, home = binaries(), data.parent
    assert programs
    options = f"-k {home} -c listen_addresses='' -c fsync=off -c timezone={ZONE}"
    _run(programs / "pg_ctl", "-D", data, "-o", options, "-l", home / "log", "-w", "start")


def _works_in(data: Path, pid: str) -> bool:
    try:
        return pid.isdigit() and is_alive(int(pid)) and Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def _data(url: str) -> Path:
    return Path(url.partition("?host=")[2], "data")


def _run(*argv: object) -> None:
    user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    command = [*user, *map(str, argv)]
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, cwd="/", stdin=subprocess.DEVNULL
    )

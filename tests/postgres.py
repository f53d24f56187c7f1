"""A PostgreSQL of the tests' own: a new cluster in a temporary directory, on a private socket."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"  # the server refuses to run as root


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
        options = f"-k {home} -c listen_addresses='' -c fsync=off"
        start = (programs / "pg_ctl", "-D", data, "-o", options, "-l", home / "log", "-w")
        _run(*start, "start")
        try:
            yield f"postgresql://{USER}@/postgres?host={home}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _run(*argv: object) -> None:
    user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    command = [*user, *map(str, argv)]
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, cwd="/", stdin=subprocess.DEVNULL
    )

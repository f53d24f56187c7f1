"""A MariaDB of the tests' own: a new data directory, on a private socket."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "mysql"  # the server refuses to run as root
ZONE = "Europe/Berlin"  # one with summer time: no lease may depend on it

# What it holds need not outlive the machine: to wait for the disk takes most of the tests' time.
QUICK = ["--debug-no-sync", "--innodb-flush-log-at-trx-commit=2"]


def is_installed() -> bool:
    return bool(shutil.which("mariadbd") and shutil.which("mariadb-install-db"))


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server; yields the URL of its database `heliograph`, and removes it afterwards."""
    with tempfile.TemporaryDirectory(prefix="my") as folder:
        home, options = Path(folder), ["--no-defaults", *QUICK]
        # A server deletes at its start what it takes for temporary tables of a dead one.
        env = os.environ | {"TMPDIR": folder, "TZ": ZONE}
        if os.geteuid() == 0:
            shutil.chown(home, USER)
            options.append(f"--user={USER}")
        options.append(f"--datadir={home}/data")
        install = ["mariadb-install-db", *options, "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL, cwd="/", env=env)
        socket = home / "sock"
        server = ["mariadbd", *options, f"--socket={socket}", "--skip-networking"]
        process = subprocess.Popen(server, stderr=subprocess.DEVNULL, cwd="/", env=env)
        try:
            _create_database(socket)
            yield f"mysql://root@localhost/heliograph?unix_socket={socket}&charset=utf8mb4"
        finally:
            process.kill()
            process.wait()


def _create_database(socket: Path) -> None:
    create = "CREATE DATABASE heliograph CHARACTER SET utf8mb4"
    command = ["mariadb", "--no-defaults", f"--socket={socket}", "-uroot", "-e", create]
    for _ in range(300):
        if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("MariaDB did not start in thirty seconds")

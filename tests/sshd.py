"""Real ssh servers on this machine, each with a host key and accounts of its own."""

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "/usr/sbin/sshd"
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
"""


@dataclass
class Sshd:
    """`user` is the only account; `allow` lets a public key in."""

    port: int
    folder: Path
    user: str = getpass.getuser()

    def allow(self, public_line: str) -> None:
        with (self.folder / "authorized_keys").open("a") as file:
            file.write(public_line + "\n")

    @property
    def host_key(self) -> str:
        """Type and key, as known_hosts has them."""
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Start one on a free port and stop it."""
    assert Path(PROGRAM).exists(), "openssh-server is missing"
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it locks itself in
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")]
    subprocess.run(keygen, check=True)
    (folder / "authorized_keys").touch()
    port = _free_port()
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    log = (folder / "log").open("wb")
    command = [PROGRAM, "-D", "-e", "-f", str(folder / "config")]
    process = subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": os.environ["PATH"]})
    try:
        _wait_for(port, process)
        yield Sshd(port, folder)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("sshd did not start")

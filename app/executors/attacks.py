"""A program of its own: tries to reach its server as a task could, and prints what it has reached.

Imports nothing of Heliograph. Its argument is a JSON object: `pid` of the server; `ancestors`, the
pids above it; `secret`, `other_run`, `other_mirror`: files that were made for this; `own`, a
directory where it may write; `code`, where the server's program lies; `abstract`, the name of a
socket; `redis`, "unix:PATH", "tcp:HOST:PORT" or "tls:HOST:PORT". Prints {attack: whether it
succeeded}.
"""

import ctypes
import errno
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from stat import S_ISREG

DOCKER = "/var/run/docker.sock"
MOST_HANDLES = 64


def main():
    told = json.loads(sys.argv[1])
    print(json.dumps({name: succeeds(lambda act=act: act(told)) for name, act in ATTACKS.items()}))


def succeeds(act):
    with suppress(OSError, subprocess.SubprocessError):
        return bool(act())
    return False


def reads(path):
    with open(path, "rb") as file:
        return len(file.read(1)) == 1


def leads_to(secret, link):
    """Whether a new name for the secret can be made and read."""
    path = f"{secret['own']}/{link.__name__}"
    link(secret["secret"], path)
    return reads(path)


def is_open(_told):
    """Whether a descriptor was left open that leads to a file of the server."""
    return any(succeeds(lambda n=n: S_ISREG(os.fstat(n).st_mode)) for n in range(3, MOST_HANDLES))


def environment_of_an_ancestor(told):
    pids = (told["pid"], *told["ancestors"])
    return any(succeeds(lambda pid=pid: reads(f"/proc/{pid}/environ")) for pid in pids)


def memory(told):
    with open(f"/proc/{told['pid']}/maps", "rb") as maps:
        return bool(maps.read(1))


def traces(told):
    """Whether its memory could be read and written: the same permission as for a debugger.

    Asked for an address that cannot be, and not by ptrace, which would stop the server.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    own = ctypes.create_string_buffer(1)
    here, there = (struct.pack("PN", at, 1) for at in (ctypes.addressof(own), 8))
    libc.process_vm_readv(told["pid"], here, 1, there, 1, 0)
    return ctypes.get_errno() == errno.EFAULT


def files_of_the_server(told):
    """Only looked at: reading from a pipe would take something away."""
    folder = f"/proc/{told['pid']}/fd"
    return any(succeeds(lambda n=n: os.readlink(f"{folder}/{n}")) for n in os.listdir(folder))


def after_fork(told):
    command = ["setsid", "-w", "head", "-c1", told["secret"]]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) == 1


def by_a_bind_mount(told):
    script = 'mount --bind "$1" "$2" && head -c1 "$2/secret"'
    here = (str(Path(told["secret"]).parent), f"{told['own']}/mount")
    os.mkdir(here[1])
    command = ["unshare", "-Urm", "sh", "-c", script, "sh", *here]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) == 1


def plants(folder):
    path = Path(folder, ".heliograph-self-test")
    path.touch()
    path.unlink()
    return True


def connection(address):
    """To a path, or to a host and port of any family."""
    if not isinstance(address, str):
        return socket.create_connection(address, timeout=1)
    opened = socket.socket(socket.AF_UNIX)
    opened.settimeout(1)
    opened.connect(address)
    return opened


def connects(address):
    with closing(connection(address)) as opened:
        return opened


def without_a_look(opened):
    """TLS over a connection, whoever has signed the certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(opened)


def redis_without_password(told):
    kind, _, rest = told["redis"].partition(":")
    host, _, port = rest.rpartition(":")
    opened = connection(rest if kind == "unix" else (host, int(port)))
    with closing(without_a_look(opened) if kind == "tls" else opened) as opened:
        opened.sendall(b"PING\r\n")
        return opened.recv(64).startswith(b"+PONG")


ATTACKS = {
    "an open descriptor": is_open,  # first: later ones open some
    "the environment of the server": environment_of_an_ancestor,
    "the memory of the server": memory,
    "tracing the server": traces,
    "the files that the server has open": files_of_the_server,
    "the server's secrets": lambda told: reads(told["secret"]),
    "the server's secrets after setsid": after_fork,
    "the server's secrets by a symbolic link": lambda told: leads_to(told, os.symlink),
    "the server's secrets by a hard link": lambda told: leads_to(told, os.link),
    "the server's secrets by /proc/self/root": lambda t: reads(f"/proc/self/root{t['secret']}"),
    "the server's secrets by a bind mount": by_a_bind_mount,
    "the data directory's list": lambda told: os.listdir(Path(told["secret"]).parent),
    "another run": lambda told: reads(told["other_run"]),
    "another project's repository": lambda told: reads(told["other_mirror"]),
    "planting code in the server": lambda told: plants(told["code"]),
    "planting code in a repository's copy": lambda t: plants(Path(t["other_mirror"]).parent),
    "signals to the server": lambda told: os.kill(told["pid"], 0) is None,
    "a socket of the server": lambda told: connects("\0" + told["abstract"]),
    "Redis without a password": redis_without_password,
    "docker.sock": lambda _told: connects(DOCKER),
    "its own run": lambda told: plants(told["own"]),
}


if __name__ == "__main__":
    sys.exit(main())

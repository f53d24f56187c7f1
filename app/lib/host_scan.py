"""Ask an ssh server for its host keys, as ssh-keyscan does: nobody signs in."""

import base64
import hashlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.lib.late import late_module

paramiko = late_module("paramiko")  # 6 MB, and only who looks for host keys needs it

# One handshake for each kind of key; of RSA the signature's name, not the key's, is agreed upon.
ALGORITHMS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
PATIENCE = 5.0  # seconds for one step of one handshake


class NoServer(Exception):
    """Nothing that speaks ssh answers there; the text says what does not."""


@dataclass(frozen=True)
class FoundKey:
    """A public host key: `type` and base64 `key` as in known_hosts, `fingerprint` as ssh shows."""

    type: str
    key: str
    fingerprint: str


def scan(host: str, port: int, check: Callable[[], None]) -> list[FoundKey]:
    """The server's key of each kind that it has. Raises NoServer; `check` may end it between."""
    found: list[FoundKey] = []
    for algorithms in ALGORITHMS:
        check()
        found += _offered(host, port, algorithms)
    if not found:
        raise NoServer(f"{host} has no host key of a kind that is supported")
    return found


def _offered(host: str, port: int, algorithms: tuple[str, ...]) -> Iterator[FoundKey]:
    transport = paramiko.Transport(_connect(host, port))
    try:
        transport.banner_timeout = transport.handshake_timeout = PATIENCE
        supported = transport.get_security_options().key_types
        transport.get_security_options().key_types = [a for a in algorithms if a in supported]
        transport.start_client(timeout=PATIENCE)
        key = transport.get_remote_server_key()
        yield FoundKey(key.get_name(), key.get_base64(), fingerprint(key.asbytes()))
    except paramiko.SSHException as error:
        if "no acceptable host key" not in str(error):
            raise NoServer(f"{host}, port {port}, does not speak ssh, or not with us") from error
    except EOFError as error:
        raise NoServer(f"{host}, port {port}, has closed the connection") from error
    finally:
        transport.close()


def _connect(host: str, port: int) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout=PATIENCE)
    except socket.gaierror as error:
        raise NoServer(f"There is no host {host}: check the spelling, and DNS") from error
    except ConnectionRefusedError as error:
        raise NoServer(f"{host} accepts no connections at port {port}") from error
    except OSError as error:
        raise NoServer(
            f"{host}, port {port}, does not answer: {error.strerror or error}"
        ) from error


def fingerprint(blob: bytes) -> str:
    """SHA256:… of a public key in its wire format, as ssh-keygen shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

"""An ssh server that shows its host keys and lets nobody in."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from paramiko import ECDSAKey, PKey, RSAKey, ServerInterface, SSHException, Transport


@contextmanager
def ssh_server(*keys: PKey) -> Iterator[int]:
    """The port of a server with these host keys."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listener, keys), daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _serve(listener: socket.socket, keys: tuple[PKey, ...]) -> None:
    while True:
        try:
            transport = Transport(listener.accept()[0])
        except OSError:
            return
        for key in keys:
            transport.add_server_key(key)
        try:
            transport.start_server(event=threading.Event(), server=ServerInterface())
        except (SSHException, EOFError):
            transport.close()


def two_keys() -> tuple[PKey, PKey]:
    return ECDSAKey.generate(), RSAKey.generate(2048)

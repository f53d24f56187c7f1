"""An ssh agent of our own, for one run: keys in memory, and answers to that run's processes only.

The protocol is draft-ietf-sshm-ssh-agent: a client lists the keys and has data signed; everything
else is refused. OpenSSH's own agent answers every process of the user that finds its socket.
"""

import os
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from app.lib import ssh_wire
from app.lib.private_keys import PrivateKey

FAILURE, LIST, KEYS, SIGN, SIGNATURE = 5, 11, 12, 13, 14
LARGEST = 256 * 1024  # bytes of a message, as OpenSSH has it
_CREDENTIALS = struct.Struct("3i")


class SshAgent:
    """Serves keys on a socket below `directory` until the end of the `with`.

    `may_ask` decides by pid who gets an answer. Raises OSError if there can be no socket.
    """

    def __init__(
        self, directory: Path, keys: Sequence[PrivateKey], may_ask: Callable[[int], bool]
    ) -> None:
        self.path = directory / secrets.token_hex(8)
        self._keys = {key.blob: key for key in keys}
        self._may_ask = may_ask
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> Self:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name in the file system may be 107 bytes long; seen from its directory it is short.
        directory = os.open(self.path.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            self._listener.bind(f"/proc/self/fd/{directory}/{self.path.name}")
        finally:
            os.close(directory)
        self.path.chmod(0o600)
        self._listener.listen(16)
        threading.Thread(target=self._accept, name="ssh-agent", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # ends the wait for the next client
        self._listener.close()
        self.path.unlink(missing_ok=True)
        self._keys.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            if not self._may_ask(_pid_of(client)):
                return
            with client.makefile("rb") as stream:
                while size := stream.read(4):
                    length = ssh_wire.Reader(size).uint32()
                    if length > LARGEST:
                        return
                    answer = self._answer(stream.read(length))
                    client.sendall(ssh_wire.string(answer))

    def _answer(self, message: bytes) -> bytes:
        reader = ssh_wire.Reader(message)
        kind = reader.byte()
        if kind == LIST:
            listed = (ssh_wire.string(blob) + ssh_wire.string(b"") for blob in self._keys)
            return bytes([KEYS]) + ssh_wire.uint32(len(self._keys)) + b"".join(listed)
        if kind == SIGN:
            key = self._keys.get(reader.string())
            if key:
                signature = key.sign(reader.string(), reader.uint32())
                return bytes([SIGNATURE]) + ssh_wire.string(signature)
        return bytes([FAILURE])


def _pid_of(client: socket.socket) -> int:
    """Who has connected, as the kernel knows it."""
    size = _CREDENTIALS.size
    found = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(_CREDENTIALS.unpack(found)[0])

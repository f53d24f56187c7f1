"""Messages between two processes over a stream socket: JSON behind a length of four bytes."""

import json
import socket
import struct
from typing import Any

LENGTH = struct.Struct("!I")
MOST_HANDLES = 32  # descriptors with one message


def send(channel: socket.socket, message: dict[str, Any], handles: tuple[int, ...] = ()) -> None:
    """Send one message, with duplicates of up to 32 open descriptors; raises OSError.

    Text may hold undecodable bytes as lone surrogates, as `os.fsdecode` makes them.
    """
    assert len(handles) <= MOST_HANDLES
    data = json.dumps(message).encode()
    data = LENGTH.pack(len(data)) + data
    if handles:
        data = data[socket.send_fds(channel, [data], list(handles)) :]
    channel.sendall(data)


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next message and the descriptors that came with it; None when the peer is gone."""
    try:
        head, handles, _, _ = socket.recv_fds(channel, 1, MOST_HANDLES, socket.MSG_CMSG_CLOEXEC)
        head += _exactly(channel, LENGTH.size - 1) if head else b""
        return json.loads(_exactly(channel, LENGTH.unpack(head)[0])), list(handles)
    except (EOFError, ConnectionError, struct.error):
        return None


def _exactly(channel: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = channel.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)

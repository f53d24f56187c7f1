"""What both sockets share on the wire: whole frames, and a queue that one thread sends from."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from simple_websocket import ConnectionClosed, Server

FULL = 1024 * 1024  # bytes that may wait for a client before it gets counters instead of lines
TOO_MUCH = 8 * FULL  # what may wait of messages that cannot be left out
SEND_BUFFER = 256 * 1024  # bytes the kernel holds for a client; it would take 4 MB by itself
PATIENCE = 5.0  # seconds a client has to take the close frame
TRY_AGAIN_LATER = 1013

TEXT = 0x81  # a whole message of text


def frame(text: str) -> bytes:
    """A message as it travels from a server: one frame, no mask, no extension.

    It is the same for every client, so it is made once for all of them.
    """
    data = text.encode()
    size = len(data)
    if size < 126:
        return struct.pack("!BB", TEXT, size) + data
    if size < 65536:
        return struct.pack("!BBH", TEXT, 126, size) + data
    return struct.pack("!BBQ", TEXT, 127, size) + data


def frame_json(message: Any) -> bytes:
    """A message as JSON in a frame."""
    return frame(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


class WholeSocket:
    """A socket that sends what it is given wholly, whoever else sends at the same time.

    Under gevent `send` may take a part only, and pings come from another thread: without this a
    large frame would arrive torn, or with a ping in it.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._sending = threading.Lock()

    def send(self, data: bytes) -> int:
        with self._sending:
            sent = self._sock.send(data)  # mostly all of it; sendall has more to prepare
            if sent < len(data):
                self._sock.sendall(memoryview(data)[sent:])
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Outbox:
    """Frames that wait for one client. A thread of its own sends them, in order.

    `drained` is called in that thread whenever nothing waits any more; it may put more, and says
    after how many seconds it wants to be called again if nothing was put meanwhile; None: never.
    """

    def __init__(self, ws: Server, drained: Callable[[], float | None]) -> None:
        self._ws, self._drained = ws, drained
        self._frames: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self.closed = False
        threading.Thread(target=self._send_all, name="outbox", daemon=True).start()

    @property
    def waiting(self) -> int:
        """Bytes that the client has not taken yet."""
        return self._waiting

    @property
    def is_full(self) -> bool:
        return self._waiting > FULL

    def put(self, data: bytes) -> None:
        """Add a frame; an empty one only has `drained` called once it is its turn."""
        if self.closed:
            return
        with self._lock:
            self._waiting += len(data)
        self._frames.put(data)
        if self._waiting > TOO_MUCH:
            self.closed = True
            threading.Thread(target=self.close, args=(TRY_AGAIN_LATER, "Too slow")).start()

    def close(self, code: int, reason: str) -> None:
        """End the connection; a client that does not even take this in 5 s is cut off."""
        self.stop()
        timer = threading.Timer(PATIENCE, self._cut)
        timer.start()
        with suppress(ConnectionClosed, OSError):
            self._ws.close(code, reason)
        timer.cancel()
        self._ws.event.set()  # whoever waits for a message hears of it

    def stop(self) -> None:
        """Send nothing more."""
        self.closed = True
        self._frames.put(None)

    def _send_all(self) -> None:
        again: float | None = None
        while True:
            with suppress(Empty):
                data = self._frames.get(timeout=again)
                if data is None or not self._send(data):
                    return
            again = None if self._waiting or self.closed else self._drained()

    def _send(self, data: bytes) -> bool:
        try:
            if data:
                self._ws.sock.send(data)
        except OSError:
            self.closed = True
            self._cut()
            return False
        self._ws.pong_received = True  # it takes what we send; its pong may be far behind that
        with self._lock:
            self._waiting -= len(data)
        return True

    def _cut(self) -> None:
        """Whoever reads from the socket or writes to it finds out now."""
        with suppress(OSError):
            self._ws.sock.shutdown(socket.SHUT_RDWR)

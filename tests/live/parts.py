"""What the tests of sockets need: a server process, clients, a socket without a server."""

import contextlib
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import simple_websocket
from flask.testing import FlaskClient

from app.config import Config
from app.identity import COOKIE
from app.lib.embedded_redis import EmbeddedRedis
from app.live.messages import End, Event, Lines, Section
from app.live.sockets import TEXT, WholeSocket
from app.services.live_events import Stored
from tests import factories
from tests.lib import valkey

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}

Frame = dict[str, Any]


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread or process brings about."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


class Server:
    """gunicorn with one gevent worker, on the database and the Valkey of `config`."""

    def __init__(
        self, config: Config, directory: Path, application: str = "tests.live.hasty:app"
    ) -> None:
        self.port = factories.free_port()
        self._log = directory / "gunicorn.log"
        environment = {
            "PATH": os.environ["PATH"],
            "HELIOGRAPH_DATA_DIR": str(config.DATA_DIR),
            "SECRET_KEY": config.SECRET_KEY,
            "DATABASE_URL": config.DATABASE_URL,
            "REDIS_URL": config.REDIS_URL,
            "PORT": str(self.port),
            "SEMAPHORE_INTERFACE": "127.0.0.1",
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "gunicorn.conf.py",
            application,
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)
        until(self._answers)

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """The master's; the worker is its child."""
        return self._process.pid

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection), suppress(OSError):
            connection.request("GET", "/api/ping")
            return connection.getresponse().status == HTTPStatus.OK
        return False


class Valkey:
    """A server that can be killed and started again."""

    def __init__(self, directory: Path) -> None:
        self._server = EmbeddedRedis(directory)
        self.url = self._server.url
        self.start()

    def start(self) -> None:
        self._process = valkey.start(self._server)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def credentials(user: FlaskClient) -> dict[str, str]:
    """The headers that tell who it is: by cookie, or with a token."""
    if cookie := user.get_cookie(COOKIE):
        return {"Cookie": f"{COOKIE}={cookie.value}"}
    token = user.environ_base.get("HTTP_AUTHORIZATION")
    return {"Authorization": token} if token else {}


def handshake(
    server: Server, path: str, user: FlaskClient, **headers: str | None
) -> tuple[int, str]:
    """Ask for a socket; the status and the body of the answer. One that opens is closed again."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        given: dict[str, str | None] = UPGRADE | credentials(user) | headers
        sent = {name: text for name, text in given.items() if text is not None}
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


class Client:
    """A socket client that is signed in as somebody."""

    def __init__(self, server: Server, path: str, user: FlaskClient, **headers: str) -> None:
        url = f"ws://127.0.0.1:{server.port}{path}"
        self._ws = simple_websocket.Client.connect(url, headers=credentials(user) | headers)

    def send(self, op: str, **message: object) -> None:
        self._ws.send(json.dumps({"op": op} | message))

    def say(self, text: str | bytes) -> None:
        self._ws.send(text)

    def next(self) -> Frame:
        """The next frame."""
        text = self._ws.receive(timeout=PATIENCE)
        assert text is not None, "nothing came"
        return json.loads(text)

    def until(self, condition: Callable[[Frame], bool]) -> list[Frame]:
        """All frames up to the first one of which `condition` is true."""
        frames = [self.next()]
        while not condition(frames[-1]):
            frames.append(self.next())
        return frames

    def close_code(self) -> int:
        """Wait until the server closes; the code it gives."""
        with suppress(simple_websocket.ConnectionClosed):
            while True:
                assert self._ws.receive(timeout=PATIENCE) is not None, "it stays open"
        return int(self._ws.close_reason)

    def close(self) -> None:
        with suppress(simple_websocket.ConnectionClosed, OSError):
            self._ws.close()
        self._ws.thread.join(PATIENCE)


class Wire:
    """The client's end of a connection: takes a frame off it when it is asked for one."""

    def __init__(self, sock: socket.socket) -> None:
        self.far = sock
        self.far.settimeout(PATIENCE)

    def next(self) -> Frame:
        """The next frame; pings are left out."""
        while True:
            kind, size = self._take(2)
            if size > 125:
                form, length = ("!H", 2) if size == 126 else ("!Q", 8)
                size = struct.unpack(form, self._take(length))[0]
            data = self._take(size)
            if kind == TEXT:
                return json.loads(data)

    def until(self, condition: Callable[[Frame], bool]) -> list[Frame]:
        """All frames up to the first one of which `condition` is true."""
        frames = [self.next()]
        while not condition(frames[-1]):
            frames.append(self.next())
        return frames

    def _take(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self.far.recv(size - len(data))
            assert part, "the connection has ended"
            data += part
        return bytes(data)


class LooseSocket(Wire):
    """The server's end of a connection, as simple_websocket.Server shows it, and the client's.

    The kernel holds some 500 KB in between.
    """

    def __init__(self) -> None:
        near, far = socket.socketpair()
        super().__init__(far)
        self.sock = WholeSocket(near)
        self.event = threading.Event()
        self.pong_received = False
        self.closed_with: int | None = None

    def close(self, code: int, reason: str) -> None:
        self.closed_with = code

    def shut(self) -> None:
        self.far.close()
        self.sock.close()


class SlowClient(Wire):
    """A client that reads nothing but what it is asked for, through a small buffer."""

    def __init__(self, server: Server, path: str, user: FlaskClient) -> None:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        sock.connect(("127.0.0.1", server.port))
        super().__init__(sock)
        headers = {"Host": f"127.0.0.1:{server.port}"} | UPGRADE | credentials(user)
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
        sock.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self._take(1)
        assert b" 101 " in answer, answer

    def send(self, op: str, **message: object) -> None:
        data = json.dumps({"op": op} | message).encode()
        no_mask = bytes(4)
        self.far.sendall(bytes([TEXT, 0x80 | len(data)]) + no_mask + data)

    def close(self) -> None:
        self.far.close()


class Recorder:
    """A viewer that keeps what comes to it, also what comes again."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.known: list[tuple[int, Stored]] = []
        self.outages = 0

    @property
    def numbers(self) -> list[int]:
        """The lines that came, by number."""
        batches = [m for m in self.messages if isinstance(m, Lines)]
        return [number for batch in batches for number in range(batch.first, batch.end)]

    def _keep(self, message: Lines | Section | End | Event) -> None:
        self.messages.append(message)

    lines = section = end = event = _keep

    def stored(self, run: int, stored: Stored) -> None:
        self.known.append((run, stored))

    def outage(self) -> None:
        self.outages += 1

"""python -m bench.fanout [--viewers 50 1000] [--rate 10] [--lines 10] [--seconds 10]

Many pages that follow one run: does every line reach every page, how late, at what cost. Clients,
publisher, Valkey and the web process share the machine. Meanwhile somebody asks for /api/ping.
"""

import argparse
import asyncio
import json
import re
import struct
import tempfile
import time
from pathlib import Path
from typing import cast

from flask import Flask

from app.db import db
from app.extensions import redis
from app.identity import COOKIE
from app.lib.line_writer import Batch
from app.lib.log_stream import Writer
from app.live.sockets import TEXT
from app.models import Task, TaskStatus, User
from app.services import sessions
from bench.ingest import server
from bench.processes import cpu_seconds, memory
from tests import factories
from tests.live.parts import UPGRADE, Server

PADDING = b"x" * 80
# Parsing JSON would cost the clients more than the server spends.
LINES = re.compile(rb'{"t":"l","r":\d+,"o":(\d+),"ms":\d+,"l":\["(\d+) ')
END = b'"t":"end"'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--viewers", type=int, nargs="+", default=[50, 1000])
    parser.add_argument("--rate", type=float, default=10, help="batches a second")
    parser.add_argument("--lines", type=int, default=10, help="lines of a batch")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    for viewers in options.viewers:
        with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as app:
            web = Server(app.config["HELIOGRAPH"], Path(folder), "wsgi:app")
            try:
                with app.app_context():
                    bench = Bench(web, options, *run_and_cookie(app))
                    asyncio.run(bench.measure(viewers))
            finally:
                web.stop()


def run_and_cookie(app: Flask) -> tuple[Task, str]:
    """A run that is under way, and the cookie of an administrator."""
    root: User = factories.user("root", admin=True)
    task = factories.task(factories.template(factories.project()), status=TaskStatus.RUNNING)
    secret = sessions.open_for(root, ip="", user_agent="")
    db.session.commit()
    return task, f"{COOKIE}={secret}"


class Page(asyncio.Protocol):
    """A page that follows the run. It does as little as can be: the server is to be measured."""

    def __init__(self, bench: "Bench") -> None:
        self._bench, self._data = bench, bytearray()
        self.lines = -1  # that came, each in its turn; before the handshake is answered: -1
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._bench.handshake)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self.lines < 0:
            head, blank, self._data = self._data.partition(b"\r\n\r\n")
            assert b" 101 " in head and blank, head
            self.lines = 0
            self._transport.write(self._bench.messages)
        while (frame := next_frame(self._data)) is not None:
            self._take(frame)

    def _take(self, frame: bytes) -> None:
        if END in frame:
            self.ended.set_result(self.lines)
        if found := LINES.match(frame):
            first, sent = map(int, found.groups())
            self._bench.late.append((time.perf_counter_ns() - sent) / 1e6)
            self._bench.joined += not self.lines
            self.lines += frame.count(PADDING) if first == self.lines else 0


class Bench:
    """The viewers of one run."""

    def __init__(self, web: Server, options: argparse.Namespace, task: Task, cookie: str) -> None:
        self._web, self._options = web, options
        self._run = task.id
        self.handshake = handshake(web.port, task.project_id, cookie)
        self.messages = message(op="hello") + message(op="log", run=task.id, **{"from": 0})
        self._total = int(options.rate * options.seconds) * options.lines
        self.joined = 0  # viewers that have got their first lines
        self.late: list[float] = []  # milliseconds from the publisher to a page
        self._pings: list[float] = []

    async def measure(self, viewers: int) -> None:
        worker, output = worker_of(self._web.pid), Writer(redis.client, self._run)
        before, begun = memory(worker), time.perf_counter()
        pages = [await self._open() for _ in range(viewers)]
        pinging = asyncio.create_task(self._ping())
        self._write(output, 0)
        while self.joined < viewers:
            await asyncio.sleep(0.1)
        print(f"{viewers} viewers: all joined after {time.perf_counter() - begun:.1f} s", end="; ")
        self.late.clear()
        self._pings.clear()
        cpu = cpu_seconds(worker)
        await self._publish(output)
        counts = await asyncio.gather(*(page.ended for page in pages))
        pinging.cancel()
        complete = sum(count == self._total for count in counts)
        print(f"all {self._total} lines to {complete} of them, late by {percentiles(self.late)}")
        print(f"  ping {percentiles(self._pings)}")
        print(f"  web process: {cpu_seconds(worker) - cpu:.1f} s of CPU", end=" ")
        print(f"in {self._options.seconds:g} s, {before:.0f} → {memory(worker):.0f} MB", flush=True)

    async def _open(self) -> Page:
        connect = asyncio.get_running_loop().create_connection
        return (await connect(lambda: Page(self), "127.0.0.1", self._web.port))[1]

    def _write(self, output: Writer, first: int) -> None:
        text = b"%d %b\n" % (time.perf_counter_ns(), PADDING)
        now, count = int(time.time() * 1000), self._options.lines
        output.batch(Batch(first, count, now, text * count))

    async def _publish(self, output: Writer) -> None:
        begun, count = time.perf_counter(), self._options.lines
        for first in range(count, self._total, count):
            self._write(output, first)
            due = begun + (first / count + 1) / self._options.rate
            await asyncio.sleep(max(0, due - time.perf_counter()))
        output.end(self._total)

    async def _ping(self) -> None:
        while True:
            begun = time.perf_counter()
            reader, writer = await asyncio.open_connection("127.0.0.1", self._web.port)
            writer.write(b"GET /api/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            await reader.read()
            writer.close()
            self._pings.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(0.1)


def handshake(port: int, project_id: int, cookie: str) -> bytes:
    headers = {"Host": f"127.0.0.1:{port}", "Cookie": cookie} | UPGRADE
    lines = [f"GET /ws?project={project_id} HTTP/1.1"]
    lines += [f"{name}: {text}" for name, text in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def message(**content: object) -> bytes:
    """What a client says, masked with zeros."""
    data = json.dumps(content).encode()
    return bytes([TEXT, 0x80 | len(data)]) + bytes(4) + data


def next_frame(data: bytearray) -> bytes | None:
    """Take the next frame off what has come, if it is there whole."""
    if len(data) < 4:
        return None
    start, size = 2, data[1]
    if size > 125:
        form, start = ("!H", 4) if size == 126 else ("!Q", 10)
        size = struct.unpack_from(form, data, 2)[0] if len(data) >= start else len(data)
    if len(data) < start + size:
        return None
    frame = bytes(data[start : start + size])
    del data[: start + size]
    return frame


def percentiles(times: list[float]) -> str:
    ordered = sorted(times)
    p50, p95 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.95))
    return f"p50 {p50:.1f}, p95 {p95:.1f}, max {ordered[-1]:.1f} ms"


def worker_of(master: int) -> int:
    """gunicorn's only worker."""
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])


if __name__ == "__main__":
    main()

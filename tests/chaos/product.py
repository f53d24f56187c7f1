"""The whole product in a directory of its own, and a client that outlives its parts."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from app.lib.embedded_redis import EmbeddedRedis
from app.lib.process_tree import descendants
from bench.server import PASSWORD, Client
from tests import postgres
from tests.factories import free_port
from tests.lib.processes import is_alive, parent_of
from tests.lib.valkey import start as start_valkey

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds for an answer of a server that is being started again
AWAY = (OSError, http.client.HTTPException, RuntimeError)


class PatientClient(Client):
    """Asks again while the server is away. What changes something is sent once."""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        end = time.monotonic() + (PATIENCE if method == "GET" else 0)
        while True:
            try:
                return super().call(method, path, body)
            except AWAY:
                self._connection.close()
                if time.monotonic() >= end:
                    raise
                time.sleep(0.2)

    def close(self) -> None:
        self._connection.close()

    def text(self, path: str) -> str:
        """GET something that is not JSON."""
        self._connection.request("GET", f"/api{path}", headers=self.headers)
        answer = self._connection.getresponse()
        body = answer.read().decode()
        assert answer.status == 200, f"{path}: {answer.status} {body[:300]}"
        return body


class Product:
    """`python wsgi.py` with all that it starts."""

    def __init__(self, folder: Path, slots: int, **settings: str) -> None:
        self.folder, self.data_dir = folder, folder / "instance"
        self.slots, self.port, self.settings = slots, free_port(), settings
        self.client = PatientClient(self.port)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or again after its end; returns when it answers."""
        env = {
            "PATH": os.environ["PATH"],
            "HELIOGRAPH_DATA_DIR": str(self.data_dir),
            "HELIOGRAPH_WORKER_SLOTS": str(self.slots),
            "SEMAPHORE_PORT": str(self.port),
            "SEMAPHORE_ADMIN": "root",
            "SEMAPHORE_ADMIN_PASSWORD": PASSWORD,
            "SECRET_KEY": "only for rounds of chaos",
        }
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "wsgi.py"],
                cwd=ROOT, env=env | self.settings, stdout=said, stderr=said,
                start_new_session=True,
            )  # fmt: skip
        self.until_ready()

    def until_ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while not (self.answers() and self.part("worker.py")):
            assert time.monotonic() < end, f"it did not start: see {self.folder / 'said'}"
            time.sleep(0.1)

    def revive(self) -> None:
        """What a service manager does: start it again when its first process has ended."""
        assert self.process
        self.process.wait(PATIENCE)
        self.start()

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/ping")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def part(self, name: str) -> int:
        """The pid of one of the supervised programs, the first of its tree; 0 if there is none."""
        assert self.process
        tree = descendants(self.process.pid)
        return next((pid for pid in tree if is_alive(pid) and name in _command(pid)), 0)

    def supervising(self) -> int:
        return parent_of(self.part("worker.py"))


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


class Redis:
    """A server of the tests' own that keeps nothing: it comes back empty."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedRedis(folder)
        self._folder = folder
        self.url = self._server.url
        self.process = start_valkey(self._server)

    def revive(self) -> None:
        self.process.wait()
        for path in self._folder.glob("appendonlydir/*"):
            path.unlink()
        self.process = start_valkey(self._server)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


class Outside(Product):
    """A product whose database and Redis are somebody else's."""

    def __init__(self, folder: Path, slots: int, database_url: str, redis: Redis) -> None:
        super().__init__(folder, slots, DATABASE_URL=database_url, REDIS_URL=redis.url)
        self.database_url, self.redis = database_url, redis


@contextmanager
def running(
    folder: Path, slots: int, *, outside: bool = False, database: str = ""
) -> Iterator[Product]:
    """A product that has started, on a database ("": SQLite).

    If `outside`, with a PostgreSQL of its own and a Redis beside it.
    """
    with ExitStack() as closing:
        if outside:
            url = closing.enter_context(postgres.cluster())
            redis = closing.enter_context(Redis(folder / "redis"))
            product: Product = Outside(folder, slots, url, redis)
        else:
            product = Product(folder, slots, DATABASE_URL=database)
        closing.callback(product.end)
        closing.callback(product.client.close)
        product.start()
        product.client.sign_in()
        yield product

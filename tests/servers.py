"""A whole server, started as a user starts it, and what its processes show."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

from app.lib.process_tree import descendants
from tests.factories import free_port
from tests.lib.processes import is_alive, parent_of, until

ROOT = Path(__file__).parents[1]

SECRET = "a-secret-that-nobody-may-see"


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """What the server is started with: nothing of the tests' own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {"HELIOGRAPH_DATA_DIR": str(data_dir), "SECRET_KEY": SECRET}
    return kept | given | {"HELIOGRAPH_WORKER_SLOTS": "1"} | settings


class Server:
    """`python wsgi.py` with a data directory and a port of its own; "" as database is SQLite."""

    def __init__(self, data_dir: Path, database: str = "") -> None:
        self.data_dir, self.port, self.database = data_dir, free_port(), database
        self.said = data_dir.parent / "said"

    def start(self, **settings: str) -> None:
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "wsgi.py", "--port", str(self.port)],
                cwd=ROOT,
                env=environment(self.data_dir, DATABASE_URL=self.database, **settings),
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_all(self) -> None:
        self.start()
        until(lambda: self.ping() and self.part("worker.py"))

    def ping(self) -> bool:
        return self.get("/api/ping") == (200, b"pong")

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (ConnectionError, TimeoutError):
            return 0, b""
        finally:
            connection.close()

    def post(self, path: str, **body: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()

    def tree(self) -> list[int]:
        return [self.process.pid, *descendants(self.process.pid)]

    def part(self, name: str) -> int:
        """Pid of one of the supervised programs, 0 if it does not run."""
        found = (pid for pid in self.tree() if name.encode() in cmdline(pid))
        return next((pid for pid in found if is_alive(pid)), 0)

    def supervising(self) -> int:
        return parent_of(self.part("gunicorn"))


def cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""

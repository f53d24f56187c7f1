"""A disk that is full for real: it is said, no run starts, and nothing is lost afterwards."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bench.server import PASSWORD
from tests import factories
from tests.chaos.product import PatientClient
from tests.databases import new_database
from tests.lib.processes import until
from tests.servers import Server

pytestmark = [pytest.mark.processes]
SIZE, WANTED = 128, 40  # MB


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def server(disk: Path, tmp_path: Path, database_url: str) -> Iterator[Server]:
    started = Server(disk / "instance", new_database(database_url))
    started.said = tmp_path / "said"
    started.start(
        SEMAPHORE_ADMIN="root",
        SEMAPHORE_ADMIN_PASSWORD=PASSWORD,
        HELIOGRAPH_MIN_FREE_MB=str(WANTED),
    )
    until(lambda: started.ping() and started.part("worker.py"))
    yield started
    started.process.terminate()
    started.process.wait(60)


@pytest.fixture
def client(server: Server) -> Iterator[PatientClient]:
    with closing(PatientClient(server.port)) as client:
        client.sign_in()
        yield client


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all room but `leave` MB."""
    file = disk / "ballast"
    number = (shutil.disk_usage(disk).free >> 20) - leave if leave else SIZE
    with suppress(OSError), file.open("ab", buffering=0) as ballast:
        for _ in range(number):
            ballast.write(bytes(1 << 20))
    return file


def health(server: Server) -> tuple[int, str]:
    status, text = server.get("/healthz")
    return status, json.loads(text)["parts"]["disk"]


def test_it_is_said_no_run_starts_and_nothing_is_lost(
    server: Server, client: PatientClient, disk: Path, tmp_path: Path
) -> None:
    repository = factories.git_repository(tmp_path / "repo", hello_sh="echo hello\n")
    template = client.template(repository, "hello.sh")
    runs = f"/project/{template['project_id']}/tasks"
    first = client.start(template)
    until(lambda: client.call("GET", f"{runs}/{first}")["status"] == "success")

    ballast = fill(disk, leave=10)
    said = f"less than {WANTED} MB free: no run starts"
    assert health(server) == (503, said)
    with pytest.raises(RuntimeError, match=r"503 .*disk of the server is full"):
        client.start(template)
    fill(disk)
    assert shutil.disk_usage(disk).free < 1 << 20
    assert health(server)[1] == said

    ballast.unlink()
    until(lambda: health(server)[1] == "ok")
    second = client.start(template)
    until(lambda: client.call("GET", f"{runs}/{second}")["status"] == "success")
    assert [run["id"] for run in client.call("GET", runs)] == [second, first]
    assert "hello" in [line["output"] for line in client.call("GET", f"{runs}/{first}/output")]
    for path in (disk / "instance").glob("heliograph.db"):
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

"""`python wsgi.py` for real: it starts, says where, hides what it knows, leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import invitation, serve
from app.config import Config
from app.lib.embedded_redis import EmbeddedRedis, url_of_running
from app.lib.settings import SettingError
from tests.databases import new_database
from tests.factories import free_port
from tests.lib.processes import is_alive, until
from tests.servers import ROOT, SECRET, Server, cmdline, environment

pytestmark = [pytest.mark.processes]

PARTS = ("valkey-server", "gunicorn", "worker.py")


def environ(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except (OSError, ProcessLookupError):
        return b""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "instance"


@pytest.fixture(scope="module")
def running(data_dir: Path, database_url: str) -> Iterator[Server]:
    """A server that the tests share which do not end it."""
    server = Server(data_dir, new_database(database_url))
    try:
        server.start_all()
        yield server
    finally:
        server.process.terminate()
        assert server.process.wait(60) == 0


@pytest.fixture(scope="module")
def other_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("other") / "instance"


@pytest.fixture(scope="module")
def other_database(database_url: str) -> str:
    return new_database(database_url)


@pytest.fixture
def server(other_dir: Path, other_database: str) -> Iterator[Server]:
    """A server for a test that ends it, in the directory where the last one was ended or killed."""
    made = Server(other_dir, other_database)
    yield made
    if made.process.poll() is None:
        made.process.terminate()
        made.process.wait(60)


# A running server


def test_it_says_where_it_runs_and_how_to_begin(running: Server) -> None:
    said = running.said.read_text()
    address = f"http://127.0.0.1:{running.port}"
    assert f"Heliograph runs at {address} " in said
    assert f"{address}/setup?token={invitation.token(SECRET)}" in said


def test_no_process_shows_a_secret(running: Server) -> None:
    password = (running.data_dir / "redis" / "redis.password").read_bytes()
    until(lambda: not any(SECRET.encode() in environ(pid) for pid in running.tree()))
    shown = b"".join(environ(pid) + cmdline(pid) for pid in running.tree())
    assert all(part.encode() in shown for part in PARTS)
    assert password not in shown
    assert SECRET.encode() not in shown


def test_the_data_directory_is_private(running: Server) -> None:
    assert running.data_dir.stat().st_mode & 0o777 == 0o700
    assert (running.data_dir / "redis").stat().st_mode & 0o777 == 0o700


def test_a_lone_process_finds_the_running_valkey(running: Server) -> None:
    assert url_of_running(running.data_dir / "redis")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_was_killed_comes_back(running: Server, part: str) -> None:
    before = running.part(part)
    os.kill(before, signal.SIGKILL)
    until(lambda: running.part(part) not in (0, before))
    until(running.ping)
    until(lambda: url_of_running(running.data_dir / "redis"))


def test_a_second_server_in_the_same_directory_is_refused(running: Server) -> None:
    refusal = refused(environment(running.data_dir), "--port", str(free_port()))
    assert (
        refusal == f"heliograph: Another process already runs a server in {running.data_dir}/redis"
    )


def test_who_is_named_as_administrator_signs_in_as_soon_as_it_answers(
    tmp_path: Path, database_url: str
) -> None:
    server = Server(tmp_path / "instance", new_database(database_url))
    server.start(SEMAPHORE_ADMIN="root", SEMAPHORE_ADMIN_PASSWORD="correct horse battery")
    try:
        until(server.ping)
        assert server.post("/api/auth/login", auth="root", password="correct horse battery") == 204
    finally:
        server.process.terminate()
        server.process.wait(60)


# Ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_after_a_stop(server: Server, number: int) -> None:
    server.start_all()
    tree = server.tree()
    server.process.send_signal(number)
    assert server.process.wait(60) == 0
    assert not [pid for pid in tree if is_alive(pid)]
    assert "Traceback" not in server.said.read_text()


def test_nothing_is_left_after_a_kill(server: Server) -> None:
    server.start_all()
    tree = server.tree()
    server.process.kill()
    server.process.wait()
    until(lambda: not [pid for pid in tree if is_alive(pid)])


def test_nothing_is_left_after_a_kill_of_the_supervising_process(server: Server) -> None:
    server.start_all()
    tree = server.tree()
    os.kill(server.supervising(), signal.SIGKILL)
    assert server.process.wait(60) == 1
    assert not [pid for pid in tree if is_alive(pid)]


# Refusals: one line, no process


def refused(env: dict[str, str], *flags: str) -> str:
    """What it says when it does not start."""
    argv = [sys.executable, "wsgi.py", *flags]
    result = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stdout == ""
    return result.stderr.strip()


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refusal = refused(environment(tmp_path), "--port", str(port))
    assert refusal.startswith(
        f"heliograph: 127.0.0.1:{port} cannot be used: Address already in use"
    )


def test_a_setting_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    refusal = refused(environment(tmp_path, PORT="many"))
    assert refusal == "heliograph: PORT: 'many' is not a whole number"


def test_a_data_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refusal = refused(environment(tmp_path / "file" / "instance"))
    assert refusal.startswith("heliograph: ")
    assert "Traceback" not in refusal


# What is to run


def names(config: Config, redis: EmbeddedRedis | None) -> list[str]:
    return [program.name for program in serve.programs_of(config, redis)]


def test_without_a_redis_one_is_started_first(tmp_path: Path) -> None:
    config = Config(DATA_DIR=tmp_path)
    redis = EmbeddedRedis(tmp_path / "redis")
    assert names(config, redis) == ["valkey", "migrations", "web", "worker"]


def test_with_a_redis_none_is_started(tmp_path: Path) -> None:
    config = Config(DATA_DIR=tmp_path, REDIS_URL="redis://elsewhere")
    assert names(config, None) == ["migrations", "web", "worker"]


def test_a_database_that_is_up_to_date_is_not_migrated(running: Server) -> None:
    if running.database:
        pytest.skip("only SQLite is looked into before the start")
    assert names(Config(DATA_DIR=running.data_dir), None) == ["web", "worker"]


def test_a_database_server_is_always_asked_for_migrations() -> None:
    assert not serve.is_migrated(Config(DATABASE_URL="postgresql://localhost/heliograph"))


def test_an_address_that_is_free_can_be_used() -> None:
    serve.check_address("127.0.0.1", free_port())


def test_an_address_of_another_machine_cannot_be_used() -> None:
    with pytest.raises(SettingError, match="Cannot assign requested address"):
        serve.check_address("192.0.2.1", free_port())


# How platforms start it


def test_the_procfile_names_the_three_processes() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert dict(line.split(": ", 1) for line in lines) == {
        "release": "flask db upgrade",
        "web": "gunicorn -c gunicorn.conf.py wsgi:app",
        "worker": "python worker.py",
    }


def test_the_platforms_manifest_is_json_and_its_settings_are_known() -> None:
    manifest = json.loads((ROOT / "app.json").read_text())
    known = {name for item in Config.__dataclass_fields__.values() for name in names_of(item)}
    assert set(manifest["env"]) <= known


def names_of(item: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = item.metadata.get("names", ())
    return names

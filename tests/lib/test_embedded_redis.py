"""The embedded server: private socket, password, one at a time, found by others."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.lib.embedded_redis import (
    LONGEST_SOCKET_PATH,
    EmbeddedRedis,
    RedisUnavailable,
    find_binary,
    socket_path,
    url_of_running,
)
from tests.lib import valkey

pytestmark = pytest.mark.processes


@contextmanager
def running(server: EmbeddedRedis) -> Iterator[subprocess.Popen[bytes]]:
    with valkey.start(server) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def client_of(url: str) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    try:
        yield client
    finally:
        client.close()


def test_it_answers_on_its_url(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with running(server), client_of(server.url) as client:
        assert client.set("a", "1")
        assert client.info("server")["tcp_port"] == 0


def test_it_refuses_who_does_not_know_the_password(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with (
        running(server),
        client_of(f"unix://{server.socket}") as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_the_password_is_in_a_private_file_and_in_no_argument_list(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    password = (tmp_path / "redis.password").read_bytes()
    assert len(password) >= 32
    assert (tmp_path / "redis.password").stat().st_mode & 0o777 == 0o600
    with running(server) as process:
        assert server.socket.stat().st_mode & 0o777 == 0o700
        arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        assert b"valkey-server" in arguments
        assert password not in arguments + environment


def test_the_password_stays_over_restarts(tmp_path: Path) -> None:
    assert EmbeddedRedis(tmp_path).url == EmbeddedRedis(tmp_path).url


def test_data_survives_a_kill(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with running(server) as process, client_of(server.url) as client:
        client.rpush("jobs", "first", "second")
        process.kill()
    with running(server), client_of(server.url) as client:
        assert client.lrange("jobs", 0, -1) == [b"first", b"second"]


def test_a_running_server_is_found_by_its_data_directory(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with running(server):
        assert url_of_running(tmp_path) == server.url


def test_a_directory_without_a_running_server_has_no_url(tmp_path: Path) -> None:
    assert url_of_running(tmp_path) is None
    server = EmbeddedRedis(tmp_path)
    with running(server):
        pass
    assert server.socket.exists()
    assert url_of_running(tmp_path) is None


def test_reserving_removes_a_stale_socket(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with running(server):
        pass
    server.reserve()
    assert not server.socket.exists()
    server.release()


def test_a_data_directory_is_reserved_once(tmp_path: Path) -> None:
    first, second = EmbeddedRedis(tmp_path), EmbeddedRedis(tmp_path)
    first.reserve()
    with pytest.raises(RedisUnavailable, match="Another process"):
        second.reserve()
    first.release()
    second.reserve()
    second.release()


def test_a_directory_with_a_running_server_cannot_be_reserved(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with running(server), pytest.raises(RedisUnavailable, match="already answers"):
        server.reserve()


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    server = EmbeddedRedis(deep)
    assert len(str(server.socket)) <= LONGEST_SOCKET_PATH
    assert server.socket.parent.stat().st_mode & 0o777 == 0o700
    with running(server):
        assert url_of_running(deep) == server.url
    server.socket.unlink()


def test_two_long_paths_do_not_share_a_socket(tmp_path: Path) -> None:
    assert socket_path(tmp_path / ("d" * 120)) != socket_path(tmp_path / ("e" * 120))


def test_a_path_with_spaces_and_quotes_works(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / 'a "b" \\ ü#%')
    with running(server), client_of(server.url) as client:
        assert client.ping()


def test_a_named_program_that_is_not_there_is_refused() -> None:
    with pytest.raises(RedisUnavailable, match="/no/such/server was not found"):
        find_binary("/no/such/server")


def test_a_server_with_another_password_is_not_ours(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with running(server):
        (tmp_path / "redis.password").write_text("changed")
        assert url_of_running(tmp_path) is None

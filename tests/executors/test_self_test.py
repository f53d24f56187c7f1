"""What a worker finds when it tries what a task could reach."""

import json
import socket
import subprocess
from contextlib import suppress
from dataclasses import replace

import pytest
from redis import ConnectionError

from app.config import Config
from app.executors import self_test
from app.executors.machine import EngineSettings, Isolation
from app.extensions import connect
from app.lib import landlock
from app.lib.embedded_redis import find_binary
from tests.executors.test_isolation import AUTO, needs_landlock
from tests.factories import free_port
from tests.lib import tls
from tests.lib.processes import until

REDIS = "redis://127.0.0.1:1"


@needs_landlock
def test_the_self_test_reaches_nothing_with_it_and_the_server_without(home):
    settings = EngineSettings(home, isolation=AUTO)
    found = self_test.run(settings, REDIS)
    assert found.is_isolated and not found.reached and found.tried > 15 and not found.error
    found = self_test.run(replace(settings, isolation=Isolation("off")), REDIS)
    assert not found.is_isolated and {
        "the server's secrets", "another run", "another project's repository",
        "planting code in a repository's copy", "signals to the server",
    } <= set(found.reached)  # fmt: skip
    assert json.loads(json.dumps(found.facts))["reached"] == list(found.reached)
    assert not list(home.glob("self-test-*"))


@needs_landlock
def test_an_old_kernel_leaves_signals_open_and_says_so(home, monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 3)
    found = self_test.run(EngineSettings(home, isolation=AUTO), REDIS)
    assert found.is_isolated and set(found.reached) == self_test.MINOR


def test_without_landlock_it_does_not_claim_anything(home, monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    found = self_test.run(EngineSettings(home, isolation=AUTO), REDIS)
    assert not found.is_isolated and "the server's secrets" in found.reached


@pytest.mark.parametrize("password", ["", "hush"])
def test_behind_tls_a_redis_without_a_password_is_found(home, tmp_path, password):
    port = free_port()
    command = [find_binary(), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    command += ["--requirepass", password] if password else []
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: _listens("127.0.0.1", port))
        with tls.in_front_of(port, tmp_path) as outer:
            url = f"rediss://:{password}@127.0.0.1:{outer}"
            found = self_test.run(EngineSettings(home, isolation=AUTO), url)
            client = connect(Config(REDIS_URL=url, REDIS_TLS_INSECURE=True))
            assert client.ping()
            client.close()
            with pytest.raises(ConnectionError, match="certificate"):
                connect(Config(REDIS_URL=url)).ping()
    finally:
        server.kill()
        server.wait()
    assert ("Redis without a password" in found.reached) == (not password)


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
def test_a_redis_that_asks_for_no_password_is_found(home, tmp_path, host, address):
    port = free_port()
    command = [find_binary(), "--port", str(port), "--bind", address, "--save", ""]
    server = subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL)
    try:
        until(lambda: _listens(address, port))
        found = self_test.run(EngineSettings(home, isolation=AUTO), f"redis://{host}:{port}")
    finally:
        server.kill()
        server.wait()
    assert "Redis without a password" in found.reached


def _listens(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port)):
        return True
    return False

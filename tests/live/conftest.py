"""A server process for the tests of sockets, and clients that are closed afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import Project
from tests.live.parts import Client, LooseSocket, Server, SlowClient, Valkey


@pytest.fixture(scope="session")
def _server(_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(_app.config["HELIOGRAPH"], tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture
def server(_server: Server, app: Flask) -> Iterator[Server]:
    """A server process. Whatever a client does, nothing of it is an error in its log."""
    before = len(_server.log)
    yield _server
    said = _server.log[before:]
    assert "Traceback" not in said, said


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., Client]]:
    """Open a socket: connect("/ws", browser("bob")), perhaps with slow=True or more headers."""
    clients: list[Client | SlowClient] = []

    def open_socket(path: str, user: FlaskClient, **options: Any) -> Client | SlowClient:
        kind = SlowClient if options.pop("slow", False) else Client
        clients.append(kind(server, path, user, **options))
        return clients[-1]

    yield open_socket
    for client in clients:
        client.close()


@pytest.fixture
def page(
    connect: Callable[..., Client], project: Project, browser: Callable[[str], FlaskClient]
) -> Callable[..., Client]:
    """The socket of a page of Alice's project that somebody has open: page("dave")."""

    def open_page(name: str, query: str | None = None, slow: bool = False, **hello: Any) -> Client:
        path = f"/ws?project={project.id}" if query is None else f"/ws{query}"
        client = connect(path, browser(name), slow=slow)
        if hello:
            client.send("hello", **hello)
        return client

    return open_page


@pytest.fixture
def loose() -> Iterator[LooseSocket]:
    """A connection without a server."""
    made = LooseSocket()
    yield made
    made.shut()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of this test's own, which may be killed and started again."""
    valkey = Valkey(tmp_path / "own")
    yield valkey
    valkey.kill()

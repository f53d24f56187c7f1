"""What gunicorn makes of bodies that are too large, told beforehand or not."""

import http.client
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from sqlalchemy import func, select

from app.db import db
from app.models import IntegrationDelivery, Project
from tests import factories
from tests.live.parts import PATIENCE, Server

LIMIT = 16 * 1024 * 1024
PIECE = b" " * (1024 * 1024)


@pytest.fixture
def url(project: Project) -> str:
    hook = factories.integration(factories.template(project))
    return f"/api/integrations/{factories.alias(project, hook)}"


def pieces(size: int) -> Iterator[bytes]:
    for at in range(0, size, len(PIECE)):
        yield PIECE[: size - at]


def send(server: Server, path: str, size: int, *, chunked: bool) -> tuple[int, str]:
    headers = {} if chunked else {"Content-Length": str(size)}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("POST", path, pieces(size), headers, encode_chunked=chunked)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_fifty_megabytes_are_refused_with_the_limit(
    server: Server, url: str, chunked: bool
) -> None:
    for path in (url, "/api/integrations/nosuch", "/api/auth/login"):
        status, text = send(server, path, 50 * 1024 * 1024, chunked=chunked)
        assert (status, text) == (413, '{"error": "The body is larger than 16 MB"}\n')
    assert send(server, url, 10, chunked=chunked) == (HTTPStatus.NO_CONTENT, "")
    assert db.session.scalar(select(func.count(IntegrationDelivery.id))) == 1


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_the_limit_itself_is_taken_whole(server: Server, url: str, chunked: bool) -> None:
    assert send(server, url, LIMIT + 1, chunked=chunked)[0] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert send(server, url, LIMIT, chunked=chunked)[0] == HTTPStatus.NO_CONTENT
    assert db.session.scalars(select(IntegrationDelivery.body_length)).all() == [LIMIT]


def test_a_page_says_so_too(server: Server) -> None:
    status, text = send(server, "/login", LIMIT + 1, chunked=False)
    assert status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "The body is larger than 16 MB" in text

"""The guardian of a command, and the mark by which all that it has started is found."""

import uuid
from collections.abc import Iterator

import pytest

from app.lib.process import Guardian
from tests.lib.processes import marked


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def guardian(mark: str) -> Iterator[Guardian]:
    made = Guardian.fork(mark)
    yield made
    made.close()
    assert marked(mark) == []

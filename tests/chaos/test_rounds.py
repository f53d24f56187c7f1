"""A short round of the kinds that tell most; `make chaos` plays all of them at full length."""

from collections.abc import Iterator

import pytest

from tests import postgres
from tests.chaos.product import Product, running
from tests.chaos.rounds import Size, play
from tests.databases import new_database

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

SHORT = Size(running=4, waiting=4, later=2, lines=20)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Product]:
    folder, database = tmp_path_factory.mktemp("chaos"), new_database(database_url)
    with running(folder, SHORT.running, database=database) as started:
        yield started


@pytest.mark.parametrize("kind", ["horse", "valkey", "supervising"])
def test_nothing_is_lost_when_it_is_killed(product: Product, kind: str) -> None:
    result = play(product, kind, SHORT)
    assert (result.counted, result.violations) == (True, [])


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with running(tmp_path_factory.mktemp("outside"), SHORT.running, outside=True) as started:
        yield started


@pytest.mark.parametrize("kind", ["redis", "postgresql"])
def test_nothing_is_lost_with_servers_outside(outside: Product, kind: str) -> None:
    result = play(outside, kind, SHORT)
    assert (result.counted, result.violations) == (True, [])

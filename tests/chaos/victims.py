"""The kinds of processes that are killed: how one is found that holds a running task."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from app.lib.process_tree import descendants
from tests import postgres
from tests.chaos.product import Outside, Product
from tests.chaos.truth import Attempt
from tests.lib.processes import parent_of

OUTAGE = 5.0  # seconds until somebody starts a server outside again

Find = Callable[[Product, Attempt], int]
Revive = Callable[[Product], None]


@dataclass(frozen=True)
class Kind:
    """`find` gives the pid of what holds an attempt; `revive` does what the product cannot."""

    title: str
    find: Find
    revive: Revive | None = None
    outside: bool = False  # it needs database and Redis beside the product


def part(name: str) -> Find:
    return lambda product, _: product.part(name)


def above(levels: int) -> Find:
    """What is so many levels below the worker on the way to the script."""

    def find(product: Product, attempt: Attempt) -> int:
        way, worker = [attempt.pid], product.part("worker.py")
        while way[-1] > 1 and way[-1] != worker:
            way.append(parent_of(way[-1]))
        return way[-1 - levels]

    return find


def _web_worker(product: Product, _: Attempt) -> int:
    return descendants(product.part("gunicorn"))[0]


def _redis(product: Product, _: Attempt) -> int:
    assert isinstance(product, Outside)
    return product.redis.process.pid


def _revive_redis(product: Product) -> None:
    assert isinstance(product, Outside)
    time.sleep(OUTAGE)
    product.redis.revive()


def _postgresql(product: Product, _: Attempt) -> int:
    assert isinstance(product, Outside)
    return postgres.postmaster(product.database_url)


def _revive_postgresql(product: Product) -> None:
    assert isinstance(product, Outside)
    time.sleep(OUTAGE)
    postgres.restart(product.database_url)


def _first(product: Product, _: Attempt) -> int:
    assert product.process
    return product.process.pid


KINDS = {
    "tool": Kind("the tool", lambda _, attempt: attempt.pid),
    "guardian": Kind("guardian", above(3)),
    "horse": Kind("work horse", above(2)),
    "slot": Kind("slot", above(1)),
    "worker": Kind("`worker.py`", part("worker.py")),
    "gunicorn-worker": Kind("gunicorn, worker", _web_worker),
    "gunicorn-master": Kind("gunicorn, master", part("gunicorn")),
    "valkey": Kind("Valkey, embedded", part("valkey-server")),
    "supervising": Kind(
        "supervisor", lambda product, _: product.supervising(), lambda product: product.revive()
    ),
    "supervisor": Kind("its process in the terminal", _first, lambda product: product.revive()),
    "redis": Kind("Redis outside, back empty", _redis, _revive_redis, outside=True),
    "postgresql": Kind("PostgreSQL", _postgresql, _revive_postgresql, outside=True),
}

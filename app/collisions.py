"""Two writers that wait for each other's rows: the database ends one of them, which tries again.

SQLite has one writer at a time. PostgreSQL says deadlock_detected or serialization_failure
(https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html); MySQL and
MariaDB roll back the whole transaction (1213), and know no savepoint of it any more (1305).
"""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from app.db import db, transaction

T = TypeVar("T")

TRIES = 5
PAUSE = 0.05  # seconds, at most, before the second try
STATES = frozenset({"40P01", "40001"})
NUMBERS = frozenset({1213, 1305})


def retried(work: Callable[[], T], *, write: bool = True) -> T:
    """What `work` returns, done in a transaction, and again if the database has ended that for the
    sake of another one. It must leave nothing behind but rows, and on_commit for the rest.
    """
    if db.session().info.get("inside"):  # the whole outer one would have to be done again
        return work()
    for tried in range(1, TRIES):
        try:
            with transaction(write=write):
                return work()
        except DBAPIError as error:
            if not _is_collision(error):
                raise
            db.session.rollback()
            # Two that go on at once would collide again.
            time.sleep(random.uniform(0, PAUSE * tried))  # noqa: S311
    with transaction(write=write):
        return work()


def _is_collision(error: DBAPIError) -> bool:
    cause: Any = error.orig
    number = next(iter(cause.args), None)
    return getattr(cause, "sqlstate", None) in STATES or number in NUMBERS

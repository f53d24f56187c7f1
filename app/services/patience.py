"""Wait for a database that is away for a moment: a run is worth more than a restart of it."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.db import db, transaction

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, PoolTimeoutError)  # what tells of a database that is away
PATIENCE = 60.0  # seconds it may be away
PAUSE = 0.2  # seconds between two attempts

Result = TypeVar("Result")


def patiently(
    work: Callable[[], Result], *, patience: Callable[[], float] = lambda: PATIENCE
) -> Result:
    """Do the work, and again while the database is away; then raise what it says.

    An attempt that failed may have been committed all the same: the work must bear to be repeated.
    `patience` is asked each time, so that another thread can end the waiting.
    """
    begun = time.monotonic()
    while True:
        try:
            return work()
        except AWAY as error:
            if time.monotonic() - begun > patience():
                raise
            logger.warning("waiting for the database", extra={"error": str(error.args[0])})
            time.sleep(PAUSE)


def in_transaction(work: Callable[[], Result]) -> Result:
    """Do the work in a writing transaction of its own, patiently."""

    def attempt() -> Result:
        with transaction():
            return work()

    try:
        return patiently(attempt)
    finally:
        if db.session().in_transaction():
            db.session.rollback()

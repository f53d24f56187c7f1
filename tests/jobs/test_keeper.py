"""The loop above the rounds: what it cannot do now it does later."""

import os
import sqlite3
import time
from contextlib import closing

import pytest

from app.db import LOCK_WAIT, db
from app.lib.process_tree import descendants
from app.models import Worker
from tests.jobs.conftest import WorkerProcess, parent, until

pytestmark = [pytest.mark.processes]


def keeper(worker: WorkerProcess) -> int:
    below = descendants(worker.process.pid)
    return min(pid for pid in below if parent(pid) == worker.process.pid)


def test_it_outlives_a_long_transaction_of_somebody_else(app, worker: WorkerProcess) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one lock for all that write")
    before = keeper(worker)
    with closing(sqlite3.connect(db.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(2 * LOCK_WAIT)
        other.execute("ROLLBACK")
        shown = seen()
    until(lambda: seen() > shown)
    os.kill(before, 0)
    assert keeper(worker) == before


def seen() -> int:
    return db.session.query(Worker.seen).scalar()

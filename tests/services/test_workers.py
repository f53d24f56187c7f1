"""Which workers are counted on."""

from flask import Flask
from sqlalchemy import select, update

from app.clock import now_ms
from app.db import db, transaction
from app.models import Worker
from app.services import health, workers
from tests import factories

DAY_MS = 24 * 3600 * 1000


def test_a_worker_is_online_from_its_first_beat_on(app: Flask) -> None:
    with transaction():
        worker_id = workers.register(2, [])
    assert workers.online() == []
    assert health.check()["worker"] == "no worker is online"
    with transaction():
        workers.beat(worker_id)
    assert [worker.id for worker in workers.online()] == [worker_id]
    assert health.check()["worker"] == "ok"


def test_one_that_starts_now_is_not_forgotten_but_the_dead_are(app: Flask) -> None:
    dead = factories.worker()
    with transaction():
        past = now_ms() - DAY_MS - 1000
        db.session.execute(update(Worker).values(seen=past, started=past))
        starting = workers.register(2, [])
        db.session.flush()
        workers.forget_the_dead()
    assert list(db.session.scalars(select(Worker.id))) == [starting] != [dead]

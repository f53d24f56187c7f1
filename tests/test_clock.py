"""The database's clock, in milliseconds."""

import time

from flask import Flask
from sqlalchemy import create_engine, func, select, text

from app.clock import now_ms
from app.db import db
from app.lib.database_url import with_driver


def test_now_is_milliseconds_of_the_databases_clock(app: Flask) -> None:
    before = time.time() * 1000
    now = db.session.scalar(select(now_ms()))
    assert now is not None
    assert before - 2 <= now <= time.time() * 1000 + 2
    assert db.session.scalar(select(func.count()).where(now_ms() > 0)) == 1


def test_the_clock_goes_on_where_summer_time_ends(mysql: str) -> None:
    engine = create_engine(with_driver(mysql))
    with engine.begin() as connection:
        for second in (1_792_887_900, 1_792_891_500):  # 2:25 in Berlin, and 2:25 again
            connection.execute(text(f"SET timestamp = {second}"))
            assert connection.scalar(select(now_ms())) == second * 1000
    engine.dispose()

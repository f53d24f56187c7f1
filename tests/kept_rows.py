"""Rows that are made once in a test process, and stored again as they were.

Many tests begin with the same ones, and to make them takes ten times as long as to store them.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import Connection, Table, select

from app.db import db
from tests.databases import number_on

P, T = ParamSpec("P"), TypeVar("T")
Rows = dict[Table, list[dict[str, Any]]]


class Kept(NamedTuple):
    begun: Rows
    rows: Rows
    answer: Any


def once(make: Callable[P, T]) -> Callable[P, T]:
    """Let a function that stores rows make them once, and then store them as it left them.

    What it begins with, and is given, must be the same each time, down to the ids.
    """
    kept: list[Kept] = []

    @wraps(make)
    def stored(*args: P.args, **kwargs: P.kwargs) -> T:
        db.session.rollback()
        if kept:
            _store(kept[0])
            db.session.expire_all()
        else:
            begun, answer = _read(), make(*args, **kwargs)
            kept.append(Kept(begun, _read(), answer))
        return kept[0].answer

    return stored


def _read() -> Rows:
    """All that is stored, what others refer to first."""
    db.session.rollback()
    with db.engine.connect() as connection:
        found = {
            table: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in db.metadata.sorted_tables
        }
    return {table: rows for table, rows in found.items() if rows}


def _store(kept: Kept) -> None:
    """The rows instead of those that it began with, some of which it may have changed."""
    with db.engine.begin() as connection:
        for table in reversed(kept.begun):
            connection.execute(table.delete())
        for table, rows in kept.rows.items():
            later = dict.fromkeys(_later(table))
            connection.execute(table.insert(), [row | later for row in rows])
        for table, rows in kept.rows.items():
            _refer(connection, table, rows)
        number_on(connection, kept.rows)


@cache
def _later(table: Table) -> list[str]:
    """The columns that may refer to what is stored later: some tables refer to each other."""
    order = db.metadata.sorted_tables
    stored = order[: order.index(table)]
    return [key.parent.name for key in table.foreign_keys if key.column.table not in stored]


def _refer(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    names = _later(table)
    for row in rows:
        if values := {name: row[name] for name in names if row[name] is not None}:
            itself = [column == row[column.name] for column in table.primary_key]
            connection.execute(table.update().where(*itself).values(values))

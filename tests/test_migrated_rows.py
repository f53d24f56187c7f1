"""Migrations keep the rows that are there, those that refer to a changed table included."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    Table,
    func,
    select,
    text,
)
from sqlalchemy.schema import sort_tables_and_constraints

from app.application import create_app
from app.config import Config
from app.db import db

FIRST = "0001"


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def old(request: pytest.FixtureRequest, valkey: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of the first release."""
    own = f"sqlite:///{tmp_path}/old.db"
    url = own if request.param == "sqlite" else request.getfixturevalue(request.param)
    app = create_app(
        Config(DATA_DIR=tmp_path, SECRET_KEY="x", DATABASE_URL=url, REDIS_URL=valkey, TESTING=True)
    )
    with app.app_context():
        upgrade(revision=FIRST)
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> list[Table]:
    """The tables as they are now, those that others refer to first."""
    found = MetaData()
    found.reflect(db.engine)
    ordered = sort_tables_and_constraints(found.tables.values(), filter_fn=_may_be_empty)
    rest = (table for table, _ in ordered if table is not None)
    return [table for table in rest if table.name != "alembic_version"]


def _may_be_empty(reference: ForeignKeyConstraint) -> bool | None:
    """True leaves the reference out of the order; None leaves that to the database's rules."""
    return True if all(column.nullable for column in reference.columns) else None


def fill(connection: Connection, table: Table) -> None:
    """Add a row with the least that the table takes, unless it has one."""
    if not connection.scalar(select(func.count()).select_from(table)):
        values = {c.name: value(c) for c in table.columns if not c.nullable}
        connection.execute(table.insert().values(values))


def value(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        return []
    if column.foreign_keys or column.primary_key:
        return 1 if column.type.python_type is int else "1"
    kind = column.type.python_type
    if kind is datetime:
        return datetime(2026, 1, 1)
    return "[]" if kind is str else kind()  # MariaDB checks what is JSON and calls it text


def counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in tables()
        }


def test_rows_of_the_first_release_are_there_in_this_one_and_back(old: Flask) -> None:
    with db.engine.begin() as connection:
        for table in tables():
            fill(connection, table)
    before = counts()
    assert set(before.values()) == {1}
    upgrade()
    brought = {"lock": 2}  # a later release has another one
    assert {name: counts()[name] for name in before} == before | brought
    downgrade(revision=FIRST)
    assert counts() == before


@pytest.mark.parametrize("old", ["sqlite"], indirect=True)
def test_sqlite_gives_no_id_twice_however_often_a_table_was_copied(old: Flask) -> None:
    with db.engine.begin() as connection:
        for table in tables():
            fill(connection, table)
        connection.execute(text("UPDATE sqlite_sequence SET seq = 7"))
    upgrade()
    with db.engine.connect() as connection:
        made = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
        counted = set(connection.scalars(text(made)))
        last = dict(connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all())
    wanted = {
        t.name for t in db.metadata.sorted_tables if t.dialect_kwargs.get("sqlite_autoincrement")
    }
    assert wanted - counted == set()
    assert {name for name, seq in last.items() if seq != 7} == set()

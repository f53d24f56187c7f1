"""Alembic: run migrations with the application's own engine and models."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.db import db
from app.lib import id_counters

config = context.config


@contextmanager
def copying_tables(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by copying it and dropping the old one, which would delete all rows
    that refer to it: references are not followed meanwhile (https://sqlite.org/lang_altertable.html
    section 7). The switch does nothing inside a transaction, so the driver gets it.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def keeping_counters(connection: Connection) -> Iterator[None]:
    """SQLite counts the ids of a copied table from its rows: those of deleted ones came again."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = id_counters.all_of_sqlite(connection)
    yield
    for table in before.keys() & id_counters.all_of_sqlite(connection).keys():
        id_counters.raise_to(connection, table, "id", before[table])


def run() -> None:
    """Run the migrations in one transaction where the database can do that."""
    engine = current_app.extensions["migrate"].db.engine
    options = current_app.extensions["migrate"].configure_args | {"user_module_prefix": ""}
    with engine.connect() as connection, copying_tables(connection):
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction(), keeping_counters(connection):
            context.run_migrations()
        if connection.in_transaction():
            connection.commit()


run()

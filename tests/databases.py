"""Databases for whole servers: a new and empty one for each, of the kind that the tests chose."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from itertools import count

from sqlalchemy import Connection, Table, create_engine, text
from sqlalchemy.engine import make_url

from app.lib.database_url import with_driver
from tests import mariadb, postgres

SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "sqlite": lambda: nullcontext(""),
    "postgresql": postgres.cluster,
    "mariadb": mariadb.cluster,
}
_numbers = count(1)


def new_database(url: str) -> str:
    """The URL of a new database at the server of `url`; "" stays what it is, SQLite.

    It goes away with its server.
    """
    if not url:
        return ""
    name = f"whole_{next(_numbers)}"
    engine = create_engine(with_driver(url), isolation_level="AUTOCOMMIT")
    kind = " CHARACTER SET utf8mb4" if engine.dialect.name == "mysql" else ""
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{kind}"))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def number_anew(connection: Connection, tables: Iterable[Table]) -> None:
    """Let the next row of each of these tables, which are empty, have the id 1."""
    match connection.dialect.name:
        case "sqlite":
            connection.exec_driver_sql("DELETE FROM sqlite_sequence")
        case "postgresql":
            every = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
            connection.exec_driver_sql(every)
        case "mysql":
            for table in tables:
                connection.exec_driver_sql(f"ALTER TABLE `{table.name}` AUTO_INCREMENT = 1")


def number_on(connection: Connection, tables: Iterable[Table]) -> None:
    """Let the next row of each of these tables have an id after those that were stored with one.

    SQLite and MySQL see to it themselves.
    """
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = f"pg_get_serial_sequence('\"{table.name}\"', '{column.name}')"
            highest = f'SELECT setval({sequence}, max("{column.name}")) FROM "{table.name}"'
            connection.exec_driver_sql(highest)

"""Everything of an instance in one file: all tables, and the keys of their secrets.

The lines of the file: a header; the keyring, as keyring.json has it; then for each table its name
and columns, and a list for each row. Tables come in an order in which they can be filled. The
format is the same for all databases, so that a backup moves from one to another.
"""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    select,
)

from app.clock import utcnow
from app.columns import UtcDateTime
from app.db import db
from app.errors import DomainError, Unavailable
from app.extensions import keyring
from app.lib import dump_file, id_counters, keyring_file
from app.models import TaskChunk, TaskPlanPiece, TaskResult, TaskSection
from app.services import revisions
from app.version import VERSION

FORMAT = "heliograph-backup-1"
OUTPUT = {model.__tablename__ for model in (TaskChunk, TaskSection, TaskResult, TaskPlanPiece)}
ROWS = 100  # that are held at once

KINDS = ((UtcDateTime, "time"), (LargeBinary, "bytes"), (JSON, "json"))
PLAIN = (Boolean, Integer, String, Float)
ENCODE: dict[str, Callable[[Any], Any]] = {
    "time": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode(),
}


def write(path: Path, *, output: bool = True) -> dict[str, int]:
    """Write a backup, of one moment, while the server runs; return the number of rows by table.

    `output` is what runs have printed, most of the data. Raises Unavailable if the file exists or
    cannot be written, DomainError if the tables are not those of this release.
    """
    try:
        with _snapshot() as connection, dump_file.create(path) as append:
            append(_header(connection, output))
            append(keyring_file.encode(keyring().keys))
            return {
                table.name: _write_table(connection, table, append, output)
                for table in db.metadata.sorted_tables
            }
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}") from error


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """All tables as they are at one moment; SQLite does that by itself."""
    with db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _header(connection: Connection, output: bool) -> dict[str, Any]:
    revision = revisions.of(connection)
    if revision != revisions.known()[0]:
        raise DomainError("The tables are not those of this release: run flask db upgrade first")
    return {
        "format": FORMAT,
        "release": VERSION,
        "revision": revision,
        "created": utcnow().isoformat(),
        "database": connection.dialect.name,
        "output": output,
    }


def _write_table(
    connection: Connection, table: Table, append: Callable[[Any], None], output: bool
) -> int:
    columns = list(table.columns)
    append(_description(connection, table))
    if table.name in OUTPUT and not output:
        return 0
    encoders = [ENCODE.get(kind(column)) for column in columns]
    query = select(*columns).order_by(*table.primary_key.columns)
    streaming = connection.execution_options(stream_results=True, yield_per=ROWS)
    count = 0
    for row in streaming.execute(query):
        pairs = zip(row, encoders, strict=True)
        append([encode(v) if encode and v is not None else v for v, encode in pairs])
        count += 1
    return count


def _description(connection: Connection, table: Table) -> dict[str, Any]:
    """What a restore must know of a table: the one that it fills may be older than the models.

    `itself`: columns that refer to rows of the same table. `last_id`: of the ids that it gives.
    """
    own = {key.parent.name for key in table.foreign_keys if key.column.table is table}
    counted = table.autoincrement_column
    last = id_counters.last(connection, table.name, counted.name) if counted is not None else 0
    return {
        "table": table.name,
        "columns": [{"name": c.name, "kind": kind(c), "null": c.nullable} for c in table.columns],
        "key": [column.name for column in table.primary_key.columns],
        "itself": sorted(own),
        "id": counted.name if counted is not None else None,
        "last_id": last,
    }


def kind(column: Column[Any]) -> str:
    """How a column's values stand in JSON: "time", "bytes", "json" or "" for as they are."""
    for type_, name in KINDS:
        if isinstance(column.type, type_):
            return name
    if isinstance(column.type, PLAIN):
        return ""
    raise TypeError(f"{column} has a type that backups do not know")

"""Fill tables with the rows of a backup, whose own description of them counts."""

import base64
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, bindparam, column, func, insert, select, table, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType

from app.columns import Blob, UtcDateTime
from app.errors import DomainError
from app.lib import id_counters

ROWS = 100  # that are inserted at once

TYPES: dict[str, Any] = {
    "time": UtcDateTime,
    "bytes": Blob,
    "json": JSON(none_as_null=True),
    "": NullType,
}
DECODE: dict[str, Callable[[str], Any]] = {
    "time": datetime.fromisoformat,
    "bytes": base64.b64decode,
}


def load(connection: Connection, entries: Iterable[Any]) -> dict[str, int]:
    """Insert all rows; `entries` are descriptions of tables, each with its rows behind it.

    Returns the number of rows by table. Raises DomainError for what the database refuses.
    """
    counts: dict[str, int] = {}
    filling: _Filling | None = None
    for entry in entries:
        if isinstance(entry, dict):
            if filling:
                filling.finish()
            filling = _Filling(connection, entry)
            counts[entry["table"]] = 0
        elif filling:
            filling.add(entry)
            counts[filling.name] += 1
    if filling:
        filling.finish()
    return counts


class _Filling:
    """One table while it is filled."""

    def __init__(self, connection: Connection, description: dict[str, Any]) -> None:
        self.name: str = description["table"]
        self._connection, self._description = connection, description
        self._columns = description["columns"]
        typed = [column(c["name"], TYPES[c["kind"]]) for c in self._columns]
        self._table = table(self.name, *typed)
        self._rows: list[dict[str, Any]] = []
        # References to rows of the same table that do not exist yet: (id, to what) by column.
        self._late: dict[str, list[dict[str, Any]]] = {name: [] for name in description["itself"]}

    def add(self, values: list[Any]) -> None:
        pairs = zip(self._columns, values, strict=True)
        row = {c["name"]: self._decoded(c, value) for c, value in pairs}
        for name, late in self._late.items():
            own = row[self._description["key"][0]]
            if row[name] is not None and row[name] >= own:
                late.append({"own": own, "to": row[name]})
                row[name] = None
        self._rows.append(row)
        if len(self._rows) >= ROWS:
            self._insert()

    def finish(self) -> None:
        self._insert()
        key = self._description["key"][0]
        for name, late in self._late.items():
            change = update(self._table).where(self._table.c[key] == bindparam("own"))
            self._execute(change.values({name: bindparam("to")}), late)
        if counted := self._description["id"]:
            highest = self._connection.scalar(select(func.max(self._table.c[counted]))) or 0
            last = max(highest, self._description["last_id"])
            id_counters.raise_to(self._connection, self.name, counted, last)

    def _insert(self) -> None:
        self._execute(insert(self._table), self._rows)
        self._rows = []

    def _execute(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        try:
            self._connection.execute(statement, rows)
        except DBAPIError as error:
            reason = str(error.orig).splitlines()[0]  # what follows may quote the row
            raise DomainError(f"{self.name}: the database refuses a row: {reason}") from error

    def _decoded(self, described: dict[str, Any], value: Any) -> Any:
        if value is None:
            return None if described["null"] or described["kind"] != "json" else JSON.NULL
        if decode := DECODE.get(described["kind"]):
            return decode(value)
        if isinstance(value, str) and self._connection.dialect.name == "postgresql":
            return value.replace("\0", "\ufffd")  # which it cannot store
        return value

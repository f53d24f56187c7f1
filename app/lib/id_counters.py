"""The last id that a table has given, which is more than its highest one once rows are deleted.

MySQL counts on by itself when rows come with their ids, so nothing is done there.
"""

from sqlalchemy import Connection, text


def last(connection: Connection, table: str, column: str) -> int:
    """The last id given; 0 if there was none, or the database does not tell."""
    if connection.dialect.name == "sqlite":
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return connection.scalar(query, {"name": table}) or 0
    if sequence := _sequence(connection, table, column):
        row = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608
        return row.last_value if row.is_called else 0
    return 0


def all_of_sqlite(connection: Connection) -> dict[str, int]:
    """The last id given by table, of those that never give one again."""
    made = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
    if connection.scalar(made) is None:
        return {}
    rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
    return {row.name: row.seq for row in rows}


def raise_to(connection: Connection, table: str, column: str, value: int) -> None:
    """Give no id up to `value` any more. A counter that is further already stays."""
    if value <= last(connection, table, column):
        return
    given = {"name": table, "value": value}
    if connection.dialect.name == "sqlite":
        change = text("UPDATE sqlite_sequence SET seq = :value WHERE name = :name")
        if not connection.execute(change, given).rowcount:
            new = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :value)")
            connection.execute(new, given)
    elif sequence := _sequence(connection, table, column):
        set_to = text("SELECT setval(:sequence, :value)")
        connection.execute(set_to, {"sequence": sequence, "value": value})


def _sequence(connection: Connection, table: str, column: str) -> str | None:
    """The name of a column's sequence in PostgreSQL, quoted."""
    if connection.dialect.name != "postgresql":
        return None
    quoted = connection.dialect.identifier_preparer.quote_identifier(table)
    query = text("SELECT pg_get_serial_sequence(:name, :column)")
    return connection.scalar(query, {"name": quoted, "column": column})

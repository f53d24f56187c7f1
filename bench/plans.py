"""How a database finds what a page shows: the plan of each statement that the page sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from app.application import create_app
from app.config import Config
from app.db import db

EXPLAIN = {
    "sqlite": "EXPLAIN QUERY PLAN ",
    "postgresql": "EXPLAIN (ANALYZE, COSTS OFF, SUMMARY OFF) ",
}
Sent = list[tuple[str, Any]]


def show(url: str, folder: Path, path: str, headers: dict[str, str]) -> None:
    """Make the page in this process, then have each SELECT that this took explained."""
    print(f"\n===== {path}")
    app = create_app(Config(DATA_DIR=folder, DATABASE_URL=url, LOG_LEVEL="ERROR"))
    with app.app_context(), statements(db.engine) as sent:
        client = app.test_client(use_cookies=False)
        client.get(path, headers=headers)  # what happens only once
        sent.clear()
        assert client.get(path, headers=headers).status_code == 200
    with app.app_context(), db.engine.connect() as connection:
        for statement, parameters in sent:
            print(f"\n{statement}")
            for line in plan(connection, statement, parameters):
                print(f"    {line}")
    with app.app_context():
        db.engine.dispose()


@contextmanager
def statements(engine: Engine) -> Iterator[Sent]:
    """The SELECTs that an engine sends inside the block, as the driver gets them."""
    sent: Sent = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """What the database says of a statement, a line a step."""
    found = connection.exec_driver_sql(EXPLAIN[connection.dialect.name] + statement, parameters)
    return [str(row[-1]) for row in found]

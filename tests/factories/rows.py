"""What every factory does: rows are added, read again and saved."""

from typing import Any

from app.db import db, transaction


def add(row: Any) -> Any:
    with transaction():  # a worker may write beside the test: what was only read cannot be upgraded
        db.session.add(row)
    return row


def again(model: Any, row_id: int) -> Any:
    """A row that something else has made."""
    return db.session.get_one(model, row_id)


def save() -> None:
    """Commit what a test has changed on rows."""
    db.session.commit()

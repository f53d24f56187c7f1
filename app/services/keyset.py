"""Pages of a long list, newest first, by the ids of their first and last rows: no row is counted
off, so the last page is as quick as the first."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from app.db import db

Row = TypeVar("Row")

SIZE = 25
COUNTED = 10_000  # lists say "10,000+" above it


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """Some rows, newest first, and the ids that the pages beside them are found by."""

    rows: list[Row]
    newer: int | None  # the next page is after this id
    older: int | None  # … before this id


def find(
    query: Select[Any], model: Any, *, before: int | None = None, after: int | None = None
) -> Rows[Any]:
    """The newest rows, or those next to an id: older than `before`, or newer than `after`."""
    order = model.id.desc()
    if before is not None:
        query = query.where(model.id < before)
    elif after is not None:
        query, order = query.where(model.id > after), model.id.asc()
    found = list(db.session.scalars(query.order_by(order).limit(SIZE + 1)))
    rows = sorted(found[:SIZE], key=lambda row: -row.id)
    more, back = len(found) > SIZE, after is not None and before is None
    return Rows(
        rows=rows,
        newer=rows[0].id if rows and (more if back else before is not None) else None,
        older=rows[-1].id if rows and (more or back) else None,
    )


def count(query: Select[Any], model: Any, limit: int = COUNTED + 1) -> int:
    """How many rows match, counted up to `limit`."""
    some = query.with_only_columns(model.id).order_by(None).limit(limit).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0

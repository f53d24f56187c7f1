"""The day of a moment, as SQL: its date in UTC, whatever zone the database server is in."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class utc_day(GenericFunction[Any]):
    """The date of a column of moments; SQLite answers with a text of the same form."""

    inherit_cache = True


@compiles(utc_day)
def _stored_in_utc(element: utc_day, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)})"


@compiles(utc_day, "postgresql")
def _stored_with_zone(element: utc_day, compiler: Any, **kw: Any) -> str:
    return f"date(timezone('UTC', {compiler.process(element.clauses, **kw)}))"

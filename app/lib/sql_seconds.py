"""The seconds from one moment to another, as SQL of each database."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Float


class seconds_between(GenericFunction[float]):
    """`seconds_between(earlier, later)` of two columns of moments: a fraction; null if one is."""

    type = Float()
    inherit_cache = True


def _both(element: seconds_between, compiler: Any, **kw: Any) -> list[str]:
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(seconds_between)
def _sqlite(element: seconds_between, compiler: Any, **kw: Any) -> str:
    earlier, later = _both(element, compiler, **kw)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _postgresql(element: seconds_between, compiler: Any, **kw: Any) -> str:
    earlier, later = _both(element, compiler, **kw)
    return f"extract(epoch from {later} - {earlier})"


@compiles(seconds_between, "mysql")
@compiles(seconds_between, "mariadb")
def _mysql(element: seconds_between, compiler: Any, **kw: Any) -> str:
    earlier, later = _both(element, compiler, **kw)
    return f"(timestampdiff(MICROSECOND, {earlier}, {later}) / 1000000)"

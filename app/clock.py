"""What time it is: here, and by the database's clock, which all hosts share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def utcnow() -> datetime:
    return datetime.now(UTC)


class now_ms(FunctionElement[int]):
    """Milliseconds since 1970 by the database's clock, which all hosts share."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_ms, "sqlite")
def _sqlite_now_ms(*_: Any, **__: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(now_ms, "postgresql")
def _postgresql_now_ms(*_: Any, **__: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) * 1000 AS BIGINT)"


@compiles(now_ms, "mysql")
@compiles(now_ms, "mariadb")
def _mysql_now_ms(*_: Any, **__: Any) -> str:
    # unix_timestamp(now(6)) would be an hour off while the server's zone leaves summer time.
    return "timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6)) DIV 1000"

"""The kinds of columns, the same on each database."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from app.clock import utcnow


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC with microseconds; SQLite and MySQL drop the zone, so it is put back."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


BigId = BigInteger().with_variant(Integer(), "sqlite")
LongText = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
Blob = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")

intpk = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
project_fk = Annotated[
    int, mapped_column(BigId, ForeignKey("project.id", ondelete="CASCADE"), index=True)
]
created_at = Annotated[datetime, mapped_column(UtcDateTime, default=utcnow)]
moment = Annotated[datetime, mapped_column(UtcDateTime)]
long_text = Annotated[str, mapped_column(LongText)]

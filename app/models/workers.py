from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Worker(Model):
    """A running worker process; a new row for each start. `seen` tells whether it still lives."""

    __table_args__ = ()

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    slots: Mapped[int]
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    started: Mapped[int] = mapped_column(BigInteger)  # ms by the database's clock
    seen: Mapped[int] = mapped_column(BigInteger, index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Lock(Model):
    """A row to hold FOR UPDATE. "dispatch" guards who may start a task, "roles" that one slug
    means one role."""

    __table_args__ = ()

    name: Mapped[str] = mapped_column(String(64), primary_key=True)

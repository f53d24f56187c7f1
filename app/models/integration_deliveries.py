from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import BigId, Blob, created_at, intpk
from app.db import Model
from app.models.tasks import Task


class Verdict(StrEnum):
    """What came of a request for an integration."""

    STARTED = "started"
    SKIPPED = "skipped"  # a run waits already
    DUPLICATE = "duplicate"  # it was sent before
    LIMITED = "limited"  # too many in a minute
    UNMATCHED = "unmatched"
    UNAUTHORISED = "unauthorised"
    REFUSED = "refused"  # the run could not start


class IntegrationDelivery(Model):
    """A request that an integration got: what came, what was found in it, what was done."""

    __table_args__ = (
        Index("ix_integration_delivery_integration_id_id", "integration_id", "id"),
        Index("ix_integration_delivery_limit", "integration_id", "verdict", "created"),
        UniqueConstraint("integration_id", "sent_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    project_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    integration_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("integration.id", ondelete="CASCADE")
    )
    created: Mapped[created_at]
    method: Mapped[str] = mapped_column(String(16))
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    query: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(Blob)  # the beginning of a large one
    body_length: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sent_id: Mapped[str | None] = mapped_column(String(255))  # the sender's, once it has started
    replay_of: Mapped[int | None] = mapped_column(BigInteger)
    task_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="SET NULL"), index=True
    )

    task: Mapped[Task | None] = relationship()

    @property
    def is_whole(self) -> bool:
        """Whether all of the body was kept, so that it can be sent again."""
        return len(self.body) == self.body_length

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class TaskManifest(Model):
    """What a run was made of, as its worker has found it; app.services.run_manifests says how."""

    __table_args__ = ()

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)

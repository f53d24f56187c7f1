from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import created_at, intpk
from app.db import Model


class Project(Model):
    """What everything else belongs to; a member sees all of it."""

    id: Mapped[intpk]
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255))
    alert: Mapped[bool] = mapped_column(default=False)
    alert_chat: Mapped[str | None] = mapped_column(String(255))
    max_parallel_tasks: Mapped[int] = mapped_column(default=0)  # 0: no limit
    max_duration: Mapped[int] = mapped_column(default=0)  # seconds of a task; 0: no limit
    type: Mapped[str] = mapped_column(String(32), default="")
    lock_version: Mapped[int] = mapped_column(default=0)

    @property
    def title(self) -> str:
        """What pages call it: a backup may have no name for it."""
        return self.name.strip() or f"Project {self.id}"

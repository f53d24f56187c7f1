from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import LongText, Model, UtcDateTime, created_at, intpk, project_fk


class TaskPlan(Model):
    """A plan that waits for approval, or was decided about; app.services.task_plans says how."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), unique=True
    )
    created: Mapped[created_at]
    sha256: Mapped[str] = mapped_column(String(64))  # of the plan as the tool has saved it
    secret: Mapped[str | None] = mapped_column(LongText)  # the plan, until the run has ended
    expires: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL"), index=True
    )

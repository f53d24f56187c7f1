from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import LongText, UtcDateTime, created_at, intpk, project_fk
from app.db import Model
from app.models.tasks import Task
from app.models.users import User


class TaskPlan(Model):
    """The plan of a run; app.services.task_plans says how people decide about it."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), unique=True
    )
    created: Mapped[created_at]
    sha256: Mapped[str] = mapped_column(String(64))  # of what the tool has saved; "": no changes
    # What is to be applied, until the run has ended: up to 8 MB, read only where it is needed.
    secret: Mapped[str | None] = mapped_column(LongText, deferred=True)
    expires: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    comment: Mapped[str | None] = mapped_column(Text)  # of who has decided
    line: Mapped[int | None] = mapped_column(BigInteger)  # where the log shows it, from 0
    # How many resources each action has; None where the tool has not told its changes.
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    task: Mapped[Task] = relationship()
    user: Mapped[User | None] = relationship()


class TaskPlanChange(Model):
    """What a plan does to one resource or output; `seq` counts from 1, in the order of lists.

    No value of the resource is here: see TaskPlanPiece.
    """

    __table_args__ = ()

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))  # managed, data or output
    action: Mapped[str] = mapped_column(String(16))  # one of app.lib.plan_changes.ACTIONS
    address: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    module: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(64))  # the tool's own word
    forced_by: Mapped[str] = mapped_column(Text)  # the attributes for which it is replaced
    moved_from: Mapped[str] = mapped_column(Text)
    is_imported: Mapped[bool] = mapped_column(default=False)
    attributes: Mapped[int] = mapped_column(default=0)  # how many change


class TaskPlanPiece(Model):
    """The attributes of some changes that follow one another, encrypted; `seq` counts from 0."""

    __table_args__ = (UniqueConstraint("task_id", "seq"), {"sqlite_autoincrement": True})

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    task_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("task.id", ondelete="CASCADE"))
    seq: Mapped[int]
    secret: Mapped[str | None] = mapped_column(LongText)


class TaskToolOutputs(Model):
    """The outputs of what a run has applied: how many, and all of them as encrypted JSON."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), unique=True
    )
    count: Mapped[int]
    secret: Mapped[str | None] = mapped_column(LongText)

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import BigId, LongText, UtcDateTime, created_at, intpk, moment, project_fk
from app.db import Model
from app.models.projects import Project
from app.models.repositories import Repository
from app.models.task_templates import TaskTemplate
from app.models.tasks import Task


class Schedule(Model):
    """When a template runs by itself: again and again, once, or for new commits of a repository.

    `next_at` is all that the worker looks at; it is unset while nothing is due any more.
    """

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    template_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("task_template.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255), default="")
    type: Mapped[str] = mapped_column(String(16), default="")  # "" or run_at
    cron_format: Mapped[str] = mapped_column(String(255), default="")
    timezone: Mapped[str] = mapped_column(String(64), default="")  # "": the server's
    run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delete_after_run: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=False)
    missed: Mapped[str] = mapped_column(String(16), default="skip")  # skip, once or all
    task_params: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    secret: Mapped[str | None] = mapped_column(LongText)  # answers of its runs, encrypted
    repository_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("repository.id"), index=True
    )
    last_commit_hash: Mapped[str | None] = mapped_column(String(64))
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    lock_version: Mapped[int] = mapped_column(default=0)

    project: Mapped[Project] = relationship()
    template: Mapped[TaskTemplate] = relationship()
    repository: Mapped[Repository | None] = relationship()

    @property
    def sealed_as(self) -> str:
        """What its secret answers are bound to."""
        return f"schedule:{self.id}"

    @property
    def template_name(self) -> str:
        return self.template.name


class ScheduleFire(Model):
    """That a schedule was due: the run it made, or why it made none. There is one for each time."""

    __table_args__ = (
        UniqueConstraint("schedule_id", "fire_time"),
        UniqueConstraint("schedule_id", "commit_hash"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    schedule_id: Mapped[int] = mapped_column(BigId, ForeignKey("schedule.id", ondelete="CASCADE"))
    fire_time: Mapped[moment]
    created: Mapped[created_at]
    task_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="SET NULL"), index=True
    )
    commit_hash: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)

    task: Mapped[Task | None] = relationship()

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import BigId, Blob, LongText, UtcDateTime, created_at, intpk
from app.db import Model
from app.models.environments import Environment
from app.models.inventories import Inventory
from app.models.projects import Project
from app.models.task_templates import TaskTemplate
from app.models.users import User

if TYPE_CHECKING:
    from app.models.integrations import Integration
    from app.models.schedules import Schedule


class TaskStatus(StrEnum):
    """The states of a task; the wire, the column and the pages use the same words."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    WAITING_CONFIRMATION = "waiting_confirmation"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SUCCESS = "success"
    ERROR = "error"
    NOT_EXECUTED = "not_executed"  # read from imported databases, never set here

    @property
    def is_finished(self) -> bool:
        return self in FINISHED

    @classmethod
    def unfinished(cls) -> list["TaskStatus"]:
        return [status for status in cls if not status.is_finished]


FINISHED = frozenset(
    {
        TaskStatus.REJECTED,
        TaskStatus.STOPPED,
        TaskStatus.SUCCESS,
        TaskStatus.ERROR,
        TaskStatus.NOT_EXECUTED,
    }
)
# What counts against the limits of project and server.
ACTIVE = (TaskStatus.STARTING, TaskStatus.RUNNING, TaskStatus.CONFIRMED, TaskStatus.STOPPING)
# What somebody holds with a lease.
HELD = (TaskStatus.STARTING, TaskStatus.RUNNING, TaskStatus.STOPPING)


class Task(Model):
    """One run of a template. Its status changes by compare-and-set only, along one table."""

    __table_args__ = (
        Index("ix_task_project_id_id", "project_id", "id"),
        Index("ix_task_template_id_id", "template_id", "id"),
        Index("ix_task_status_id", "status", "id"),
        Index("ix_task_project_id_status_id", "project_id", "status", "id"),
        Index("ix_task_project_id_created", "project_id", "created", "status"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    project_id: Mapped[int] = mapped_column(BigId, ForeignKey("project.id", ondelete="CASCADE"))
    template_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("task_template.id", ondelete="CASCADE")
    )
    status: Mapped[str] = mapped_column(String(32), default=TaskStatus.WAITING)
    reason: Mapped[str | None] = mapped_column(Text)  # why it failed or was cut off, for a person
    created: Mapped[created_at]
    start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    schedule_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # who started it

    # What the person asked for.
    message: Mapped[str] = mapped_column(Text, default="")
    playbook: Mapped[str] = mapped_column(String(1024), default="")
    environment: Mapped[str] = mapped_column(LongText, default="")  # a JSON object, or empty
    arguments: Mapped[str | None] = mapped_column(LongText)  # the same, or none
    git_branch: Mapped[str | None] = mapped_column(String(255))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secret: Mapped[str | None] = mapped_column(LongText)  # encrypted, cleared when it starts
    inventory_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("inventory.id", ondelete="SET NULL")
    )
    environment_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("environment.id", ondelete="SET NULL")
    )
    integration_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("integration.id", ondelete="SET NULL"), index=True
    )
    build_task_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="SET NULL"), index=True
    )
    version: Mapped[str | None] = mapped_column(String(255))  # of a build
    repeats_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # perhaps deleted
    retry_of_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # that has failed
    try_number: Mapped[int] = mapped_column(default=1, server_default="1")
    not_before: Mapped[int | None] = mapped_column(BigInteger)  # ms by the database's clock
    max_duration: Mapped[int | None]  # seconds; none: no limit of its own
    wanted_commit: Mapped[str | None] = mapped_column(String(64))  # none: the branch's newest

    # What came of it.
    commit_hash: Mapped[str | None] = mapped_column(String(64))
    commit_message: Mapped[str] = mapped_column(String(255), default="")
    result: Mapped[str | None] = mapped_column(Text)  # what it found where it was only to look
    line_count: Mapped[int] = mapped_column(BigInteger, default=0)
    log_deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    artifacts_deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # it had some
    pinned: Mapped[bool] = mapped_column(default=False)

    # Who holds it: every write of a worker carries `AND claim = …`.
    claim: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[int | None] = mapped_column(BigInteger)  # ms by the database's clock
    worker_id: Mapped[str | None] = mapped_column(String(36))
    stop_asked: Mapped[datetime | None] = mapped_column(UtcDateTime)  # set with STOPPING
    force_stop: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)  # how often a worker has taken it

    project: Mapped[Project] = relationship()
    template: Mapped[TaskTemplate] = relationship()
    build_task: Mapped["Task | None"] = relationship(remote_side="Task.id")
    inventory: Mapped[Inventory | None] = relationship()
    own_group: Mapped[Environment | None] = relationship()
    user: Mapped[User | None] = relationship()
    schedule: Mapped["Schedule | None"] = relationship(
        primaryjoin="foreign(Task.schedule_id) == Schedule.id", viewonly=True
    )
    integration: Mapped["Integration | None"] = relationship(viewonly=True)

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def started_by(self) -> str:
        """The name of the person, schedule or integration; empty for what another run started."""
        if self.user:
            return self.user.name
        if self.schedule_id:  # one that goes after its run leaves its number
            return self.schedule.name if self.schedule and self.schedule.name else "schedule"
        return self.integration.name if self.integration else ""

    @property
    def title(self) -> str:
        """What the activity calls it."""
        return f"{self.template.name} #{self.id}"

    @property
    def groups(self) -> list[Environment]:
        """Its variable groups: the one that was chosen for it, else those of its template."""
        return [self.own_group] if self.own_group else self.template.environments

    @property
    def sealed_as(self) -> str:
        """What its secret answers are bound to."""
        return f"task:{self.id}"


class TaskChunk(Model):
    """Some 64 KB of a task's output, compressed; the lines are numbered from 0."""

    __table_args__ = ()

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    first_line: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    n_lines: Mapped[int]
    raw_len: Mapped[int]
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    marks: Mapped[bytes] = mapped_column(Blob)
    data: Mapped[bytes] = mapped_column(Blob)


class TaskSection(Model):
    """A part of the output: a phase, a play, a task. `seq` is its number in the task."""

    __table_args__ = ()

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    parent: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(1024))
    first_line: Mapped[int] = mapped_column(BigInteger)
    last_line: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(16), default="")
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int | None] = mapped_column(BigInteger)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    rev: Mapped[int] = mapped_column(BigInteger, default=0, index=True)

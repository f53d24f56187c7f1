from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Blob
from app.db import Model


class TaskHost(Model):
    """How one host has fared in a task; counts of its results. `seq` is its number in the task."""

    __table_args__ = ()

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    host: Mapped[str] = mapped_column(String(255))
    ok: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    unreachable: Mapped[int] = mapped_column(default=0)
    rescued: Mapped[int] = mapped_column(default=0)
    ignored: Mapped[int] = mapped_column(default=0)
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class TaskResult(Model):
    """What one task of a playbook came to on one host."""

    __table_args__ = (Index("ix_task_result_task_id_host", "task_id", "host_seq"),)

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    host_seq: Mapped[int]  # TaskHost.seq
    section_seq: Mapped[int]  # TaskSection.seq of the playbook's task
    status: Mapped[str] = mapped_column(String(16))  # ok, changed, failed, skipped, unreachable
    ignored: Mapped[bool] = mapped_column(default=False)  # failed, and the play went on
    first_ms: Mapped[int] = mapped_column(BigInteger)  # ms since 1970
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    line: Mapped[int] = mapped_column(BigInteger)  # where the log tells of it, from 0
    detail: Mapped[bytes] = mapped_column(Blob)  # zstd of JSON: message, stdout, stderr, diff …

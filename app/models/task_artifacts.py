from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Blob, intpk
from app.db import Model


class TaskArtifact(Model):
    """A file that a run has left in its artifact directory; `name` is its path there."""

    id: Mapped[intpk]
    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class TaskArtifactPiece(Model):
    """At most a megabyte of an artifact, compressed; `seq` counts from 0."""

    __table_args__ = ()

    artifact_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("task_artifact.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(Blob)

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import BigId, created_at, intpk
from app.db import Model
from app.models.projects import Project
from app.models.users import User


class Event(Model):
    """Who did what to which object: the activity of a project."""

    __table_args__ = (
        Index("ix_event_project_id_id", "project_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    project_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("project.id", ondelete="CASCADE")
    )
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    object_type: Mapped[str | None] = mapped_column(String(64))
    object_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    object_name: Mapped[str] = mapped_column(String(255), default="")
    description: Mapped[str] = mapped_column(Text)
    created: Mapped[created_at]
    project: Mapped[Project | None] = relationship()
    user: Mapped[User | None] = relationship()

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import intpk
from app.db import Model
from app.models.roles import CustomRole
from app.models.task_templates import TaskTemplate


class TemplateRole(Model):
    """A custom role that is attached to a template, with what its holders may do there."""

    __table_args__ = (
        UniqueConstraint("template_id", "role_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    template_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task_template.id", ondelete="CASCADE")
    )
    role_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("custom_role.id", ondelete="CASCADE"), index=True
    )
    permissions: Mapped[int] = mapped_column(default=0)
    lock_version: Mapped[int] = mapped_column(default=0, server_default="0")

    role: Mapped[CustomRole] = relationship()
    template: Mapped[TaskTemplate] = relationship()

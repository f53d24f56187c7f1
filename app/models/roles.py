from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import BigId, intpk
from app.db import Base, Model

# The custom roles that a member holds beside his built-in one.
project_user_role = Table(
    "project_user_role",
    Base.metadata,
    Column(
        "project_user_id",
        BigId,
        ForeignKey("project_user.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column(
        "role_id",
        BigId,
        ForeignKey("custom_role.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)


class CustomRole(Model):
    """A named set of permissions that is attached to templates: of one project, or of all.

    `scope` is the project's id, 0 for all: an unset project_id would be no part of uniqueness.
    """

    __table_args__ = (UniqueConstraint("scope", "slug"), {"sqlite_autoincrement": True})

    id: Mapped[intpk]
    project_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    scope: Mapped[int] = mapped_column(BigInteger, default=0)
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    permissions: Mapped[int] = mapped_column(default=0)
    lock_version: Mapped[int] = mapped_column(default=0)

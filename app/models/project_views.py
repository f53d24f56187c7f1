from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import created_at, intpk, project_fk
from app.db import Model


class ProjectView(Model):
    """A named part of a project's templates, as clients show it in a tab of its own."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    title: Mapped[str] = mapped_column(String(255))
    position: Mapped[int] = mapped_column(default=0)
    type: Mapped[str] = mapped_column(String(16), default="")  # "" or all
    hidden: Mapped[bool] = mapped_column(default=False)
    sort_column: Mapped[str | None] = mapped_column(String(64))
    sort_reverse: Mapped[bool] = mapped_column(default=False)
    lock_version: Mapped[int] = mapped_column(default=0, server_default="0")

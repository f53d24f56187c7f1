from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import BigId, created_at, intpk, project_fk
from app.db import Model
from app.models.projects import Project
from app.models.task_templates import TaskTemplate
from app.models.users import User


class Removal(Model):
    """A template, or without one a whole project, that goes away as soon as its runs have ended."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    template_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("task_template.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    created: Mapped[created_at]
    project: Mapped[Project] = relationship()
    template: Mapped[TaskTemplate | None] = relationship()
    user: Mapped[User | None] = relationship()

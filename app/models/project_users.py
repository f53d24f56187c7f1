from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import intpk, project_fk
from app.db import Model
from app.models.projects import Project
from app.models.roles import CustomRole, project_user_role
from app.models.users import User


class ProjectUser(Model):
    """A membership: the role a user has in a project, and the custom roles beside it."""

    __table_args__ = (
        UniqueConstraint("project_id", "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(64))
    user: Mapped[User] = relationship()
    project: Mapped[Project] = relationship()
    custom_roles: Mapped[list[CustomRole]] = relationship(
        secondary=project_user_role, order_by=CustomRole.name, passive_deletes=True
    )

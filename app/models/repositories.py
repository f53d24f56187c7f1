from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import created_at, intpk, project_fk
from app.db import Model
from app.models.access_keys import AccessKey


class Repository(Model):
    """Where scripts and playbooks come from: a git URL, or a directory of this machine."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255))
    git_url: Mapped[str] = mapped_column(String(2048))
    git_branch: Mapped[str] = mapped_column(String(255), default="")
    ssh_key_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("access_key.id"), index=True)
    lock_version: Mapped[int] = mapped_column(default=0)
    ssh_key: Mapped[AccessKey] = relationship()

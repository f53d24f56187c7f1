from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import created_at, intpk, project_fk
from app.db import Model
from app.models.access_keys import AccessKey


class HostConfig(Model):
    """Which key a host, or the URLs below an address, get instead of the usual one."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    type: Mapped[str] = mapped_column(String(16))  # host or url
    host: Mapped[str] = mapped_column(String(1024))
    ssh_key_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("access_key.id"), index=True)
    lock_version: Mapped[int] = mapped_column(default=0)
    ssh_key: Mapped[AccessKey] = relationship()

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import created_at, intpk, project_fk
from app.db import Model


class HostKey(Model):
    """The public key by which a project knows an ssh server; `known_hosts` is made of these."""

    __table_args__ = (
        UniqueConstraint("project_id", "host", "port", "type"),
        Model.__table_args__,
    )

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(default=22)
    type: Mapped[str] = mapped_column(String(64))  # ssh-ed25519, ecdsa-sha2-nistp256 …
    key: Mapped[str] = mapped_column(Text)  # base64, as in known_hosts

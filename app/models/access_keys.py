from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText, UtcDateTime, created_at, intpk, project_fk
from app.db import Model


class AccessKeyType(StrEnum):
    NONE = "none"
    SSH = "ssh"
    LOGIN_PASSWORD = "login_password"  # noqa: S105  the name of a type
    STRING = "string"  # internal: a secret of a variable group


class AccessKey(Model):
    """A credential. `secret` is encrypted and bound to this row; nobody ever reads it back."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(32))
    secret: Mapped[str | None] = mapped_column(LongText)
    # Whose it is: "" is shared and listed; "variable" and "environment" are a group's secrets.
    owner: Mapped[str] = mapped_column(String(32), default="", index=True)
    environment_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("environment.id", ondelete="CASCADE"), index=True
    )
    source_storage_type: Mapped[str | None] = mapped_column(String(32))
    source_storage_id: Mapped[int | None] = mapped_column(BigInteger)
    source_storage_key: Mapped[str | None] = mapped_column(String(1024))
    # Of a private key what everybody may know: "ED25519", "RSA 3072"; and "SHA256:…".
    key_kind: Mapped[str | None] = mapped_column(String(32))
    fingerprint: Mapped[str | None] = mapped_column(String(128))
    last_used: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lock_version: Mapped[int] = mapped_column(default=0)

    @property
    def empty(self) -> bool:
        """Whether nothing is stored though the type needs something (restored from a backup)."""
        return self.type != AccessKeyType.NONE and not self.secret and not self.source_storage_type

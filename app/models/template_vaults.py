from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import BigId, intpk
from app.db import Model
from app.models.access_keys import AccessKey


class TemplateVault(Model):
    """A vault password that runs of a template know: a key's, or what a script prints."""

    id: Mapped[intpk]
    template_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("task_template.id", ondelete="CASCADE"), index=True
    )
    vault_key_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("access_key.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str | None] = mapped_column(String(255))  # its vault id; none: "default"
    type: Mapped[str] = mapped_column(String(16), default="password")  # or script
    script: Mapped[str | None] = mapped_column(String(1024))  # a path inside the repository
    vault_key: Mapped[AccessKey | None] = relationship()

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import LongText, created_at, intpk, long_text, project_fk
from app.db import Model
from app.models.access_keys import AccessKey


class Environment(Model):
    """A variable group: extra variables (`json`), process environment (`env`), as JSON."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255))
    password: Mapped[str | None] = mapped_column(LongText)
    json: Mapped[long_text] = mapped_column(default="{}")
    env: Mapped[str | None] = mapped_column(LongText)
    secret_storage_id: Mapped[int | None]
    secret_storage_key_prefix: Mapped[str | None] = mapped_column(String(255))
    lock_version: Mapped[int] = mapped_column(default=0)
    secrets: Mapped[list[AccessKey]] = relationship(
        order_by=AccessKey.id, cascade="all, delete-orphan", passive_deletes=True
    )

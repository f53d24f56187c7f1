from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import LongText, created_at, intpk, long_text, project_fk
from app.db import Model
from app.models.access_keys import AccessKey
from app.models.users import User


class TerraformState(Model):
    """A version of the state of a workspace; the newest one counts. See services.terraform_states.

    Who wrote it is a run, an address, or somebody on a page.
    """

    __table_args__ = (
        Index("ix_terraform_state_inventory_id_id", "inventory_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    inventory_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("inventory.id", ondelete="CASCADE")
    )
    created: Mapped[created_at]
    serial: Mapped[int] = mapped_column(BigInteger)  # the tool's own number
    lineage: Mapped[str] = mapped_column(String(255))  # the tool's name of all that follow another
    size: Mapped[int]  # bytes of the text
    sha256: Mapped[str] = mapped_column(String(64))
    resources: Mapped[int | None]  # None: the tool has encrypted them
    # Encrypted, up to 12 MB, read only where it is needed. None: with this version it was deleted.
    secret: Mapped[str | None] = mapped_column(LongText, deferred=True)
    is_gone: Mapped[bool] = mapped_column(default=False)
    task_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="SET NULL"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    alias: Mapped[str] = mapped_column(String(64), default="")
    restored_id: Mapped[int | None] = mapped_column(BigInteger)  # the version that it repeats

    user: Mapped[User | None] = relationship()


class TerraformLock(Model):
    """Who works with the state of a workspace, so that nobody else does."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    inventory_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("inventory.id", ondelete="CASCADE"), unique=True
    )
    created: Mapped[created_at]
    lock_id: Mapped[str] = mapped_column(String(255))
    operation: Mapped[str] = mapped_column(String(255))
    who: Mapped[str] = mapped_column(String(255))  # as the tool says it
    info: Mapped[long_text]  # all that the tool has sent, as JSON
    task_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="SET NULL"), index=True
    )
    alias: Mapped[str] = mapped_column(String(64), default="")

    @property
    def act(self) -> str:
        """What it is held for, in a word; the tools say OperationTypeApply."""
        return self.operation.removeprefix("OperationType").lower()


class TerraformAlias(Model):
    """An address of the state of a workspace, for whoever has the login and password of a key."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    inventory_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("inventory.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[created_at]
    auth_key_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("access_key.id"), index=True)
    alias: Mapped[str] = mapped_column(String(64), unique=True)

    auth_key: Mapped[AccessKey] = relationship()

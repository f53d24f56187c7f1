from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import UtcDateTime, created_at, intpk, long_text, project_fk
from app.db import Model
from app.models.access_keys import AccessKey
from app.models.repositories import Repository


class InventoryType(StrEnum):
    STATIC = "static"
    STATIC_YAML = "static-yaml"
    FILE = "file"
    TERRAFORM_WORKSPACE = "terraform-workspace"
    TOFU_WORKSPACE = "tofu-workspace"
    TERRAGRUNT_WORKSPACE = "terragrunt-workspace"


WORKSPACES = (
    InventoryType.TERRAFORM_WORKSPACE,
    InventoryType.TOFU_WORKSPACE,
    InventoryType.TERRAGRUNT_WORKSPACE,
)


class Inventory(Model):
    """The hosts that a template's tasks run against, or a workspace of a state."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(32))
    inventory: Mapped[long_text]
    ssh_key_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("access_key.id"), index=True
    )
    become_key_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("access_key.id"), index=True
    )
    repository_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("repository.id"), index=True
    )
    template_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("task_template.id", ondelete="SET NULL", use_alter=True), index=True
    )
    runner_tag: Mapped[str | None] = mapped_column(String(255))
    # What the last look at it has found; the look is a probe job.
    checked: Mapped[datetime | None] = mapped_column(UtcDateTime)
    host_count: Mapped[int | None]
    group_count: Mapped[int | None]
    flaw: Mapped[str | None] = mapped_column(Text)  # why it could not be read
    lock_version: Mapped[int] = mapped_column(default=0)

    ssh_key: Mapped[AccessKey | None] = relationship(foreign_keys=[ssh_key_id])
    become_key: Mapped[AccessKey | None] = relationship(foreign_keys=[become_key_id])
    repository: Mapped[Repository | None] = relationship()

    @staticmethod
    def name_in_tool(text: str) -> str:
        """What a tool calls the workspace that is written so: `default` where nothing is."""
        return text.strip() or "default"

    @property
    def workspace(self) -> str:
        """The name of the workspace, as the tool knows it."""
        return self.name_in_tool(self.inventory)

    @property
    def is_workspace(self) -> bool:
        """Whether it names the workspace of a state; else it names hosts."""
        return self.type in WORKSPACES

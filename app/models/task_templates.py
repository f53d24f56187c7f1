from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import BigId, LongText, created_at, intpk, project_fk
from app.db import Base, Model
from app.models.environments import Environment
from app.models.inventories import Inventory
from app.models.repositories import Repository
from app.models.template_vaults import TemplateVault

# The variable groups of a template; a later one wins.
template_environment = Table(
    "template_environment",
    Base.metadata,
    Column(
        "template_id", BigId, ForeignKey("task_template.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("environment_id", BigId, ForeignKey("environment.id"), primary_key=True, index=True),
    Column("position", BigInteger, nullable=False, default=0),
)


class TaskTemplate(Model):
    """What can be run: which script of which repository, with which variables and options."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(LongText)
    app: Mapped[str] = mapped_column(String(64))
    playbook: Mapped[str] = mapped_column(String(1024))
    working_directory: Mapped[str | None] = mapped_column(String(1024))
    repository_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("repository.id"), index=True)
    inventory_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("inventory.id"), index=True
    )
    view_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("project_view.id", ondelete="SET NULL"), index=True
    )
    git_branch: Mapped[str | None] = mapped_column(String(255))
    arguments: Mapped[str | None] = mapped_column(LongText)  # JSON: app.lib.step_arguments
    type: Mapped[str] = mapped_column(String(16), default="")  # "", build or deploy
    start_version: Mapped[str | None] = mapped_column(String(255))
    build_template_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("task_template.id"), index=True
    )
    autorun: Mapped[bool] = mapped_column(default=False)
    survey_vars: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    task_params: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    allow_override_args_in_task: Mapped[bool] = mapped_column(default=False)
    allow_override_branch_in_task: Mapped[bool] = mapped_column(default=False)
    allow_any_vars_in_task: Mapped[bool] = mapped_column(default=False)
    allow_parallel_tasks: Mapped[bool] = mapped_column(default=False)
    suppress_success_alerts: Mapped[bool] = mapped_column(default=False)
    suppress_error_alerts: Mapped[bool] = mapped_column(default=False)
    runner_tag: Mapped[str | None] = mapped_column(String(255))
    max_duration: Mapped[int] = mapped_column(default=0)  # seconds; 0: no limit of its own
    rerun_if_lost: Mapped[bool] = mapped_column(default=False)
    retries: Mapped[int] = mapped_column(default=0, server_default="0")  # after a failure
    retry_pause: Mapped[int] = mapped_column(default=0, server_default="0")  # seconds before each
    lock_version: Mapped[int] = mapped_column(default=0)

    repository: Mapped[Repository] = relationship()
    inventory: Mapped[Inventory | None] = relationship(foreign_keys=[inventory_id])
    environments: Mapped[list[Environment]] = relationship(
        secondary=template_environment, order_by=template_environment.c.position
    )
    vaults: Mapped[list[TemplateVault]] = relationship(
        order_by=TemplateVault.id, cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def environment_ids(self) -> list[int]:
        """The ids of its variable groups, in their order."""
        return [environment.id for environment in self.environments]

    @property
    def asks(self) -> bool:
        """Whether a start asks for something first; else one click runs it."""
        opened = self.allow_override_args_in_task or self.allow_override_branch_in_task
        switches = (self.task_params or {}).items()
        tool = any(value for name, value in switches if name.startswith("allow_"))
        return bool(opened or tool or self.survey_vars or self.type == "deploy")

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import LongText, created_at, intpk, project_fk
from app.db import Model
from app.models.access_keys import AccessKey
from app.models.task_templates import TaskTemplate


class Integration(Model):
    """What a request from outside (a webhook) starts: which template, with what, from whom."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    created: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(255))
    template_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task_template.id", ondelete="CASCADE"), index=True
    )
    auth_method: Mapped[str] = mapped_column(String(32), default="")
    auth_secret_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("access_key.id", ondelete="SET NULL"), index=True
    )
    auth_header: Mapped[str] = mapped_column(String(255), default="")
    searchable: Mapped[bool] = mapped_column(default=False)  # asked for by aliases of the project
    task_params: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    when_waiting: Mapped[str] = mapped_column(String(16), default="queue")
    per_minute: Mapped[int] = mapped_column(default=0)  # runs it may start; 0: no limit
    lock_version: Mapped[int] = mapped_column(default=0)

    template: Mapped[TaskTemplate] = relationship()
    auth_secret: Mapped[AccessKey | None] = relationship()
    matchers: Mapped[list["IntegrationMatcher"]] = relationship(
        order_by="IntegrationMatcher.id", cascade="all, delete-orphan", passive_deletes=True
    )
    extract_values: Mapped[list["IntegrationExtractValue"]] = relationship(
        order_by="IntegrationExtractValue.id", cascade="all, delete-orphan", passive_deletes=True
    )
    aliases: Mapped[list["IntegrationAlias"]] = relationship(
        order_by="IntegrationAlias.id", cascade="all, delete-orphan", passive_deletes=True
    )


def _integration_fk() -> Mapped[int]:
    return mapped_column(BigInteger, ForeignKey("integration.id", ondelete="CASCADE"), index=True)


class IntegrationMatcher(Model):
    """A condition on a request: "when [body path] [equals] [value]"."""

    id: Mapped[intpk]
    integration_id: Mapped[int] = _integration_fk()
    name: Mapped[str] = mapped_column(String(255))
    match_type: Mapped[str] = mapped_column(String(16))  # body, header or query
    method: Mapped[str] = mapped_column(String(16))  # equals, unequals or contains
    body_data_type: Mapped[str] = mapped_column(String(16), default="")  # json or string
    key: Mapped[str] = mapped_column(String(1024), default="")
    value: Mapped[str] = mapped_column(LongText)
    lock_version: Mapped[int] = mapped_column(default=0, server_default="0")


class IntegrationExtractValue(Model):
    """What a run gets from a request: "set [variable] from [path]"."""

    id: Mapped[intpk]
    integration_id: Mapped[int] = _integration_fk()
    name: Mapped[str] = mapped_column(String(255))
    value_source: Mapped[str] = mapped_column(String(16))  # body, header or query
    body_data_type: Mapped[str] = mapped_column(String(16), default="")  # json or string
    key: Mapped[str] = mapped_column(String(1024), default="")
    variable: Mapped[str] = mapped_column(String(255), default="")
    variable_type: Mapped[str] = mapped_column(String(16), default="environment")  # or task
    lock_version: Mapped[int] = mapped_column(default=0, server_default="0")


class IntegrationAlias(Model):
    """A name that requests are sent to: of one integration, or of all searchable of a project."""

    id: Mapped[intpk]
    project_id: Mapped[project_fk]
    integration_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("integration.id", ondelete="CASCADE"), index=True
    )
    alias: Mapped[str] = mapped_column(String(64), unique=True)

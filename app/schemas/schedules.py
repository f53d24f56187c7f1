"""When a template runs by itself."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from app.lib import cron
from app.lib.zones import UnknownZone, zone
from app.schemas.base import Input, Line, Moment, Output, Reference, reason
from app.schemas.tasks import TaskIn

CRON, RUN_AT = "", "run_at"
NOT_KEPT = {"template_id", "template_name", "secret"}  # of the parameters of a start


def _known_type(value: Any) -> Any:
    if value not in (CRON, RUN_AT):
        raise ValueError("invalid schedule type")
    return value


def _known_zone(name: str) -> str:
    """ "" stands for the server's."""
    try:
        return name and zone(name).key
    except UnknownZone as error:
        raise reason(str(error)) from error


Kind = Annotated[Literal["", "run_at"], BeforeValidator(_known_type)]
Zone = Annotated[Line, AfterValidator(_known_zone)]
Missed = Literal["skip", "once", "all"]


class CronIn(Input):
    """A cron line: five fields, @daily and the like, or @every 1h30m; TZ=Europe/Prague before."""

    cron_format: Line = ""
    """The line to check."""

    @field_validator("cron_format")
    @classmethod
    def be_a_cron_line(cls, value: str) -> str:
        return checked(value)


class ScheduleIn(Input):
    """A schedule. What old clients do not know (none of these is null) stays as it is stored."""

    NEEDED = ("template_id",)

    template_id: Reference = None
    """What it runs."""
    name: Line = ""
    """What people call it."""
    type: Kind = ""
    """Empty for a cron line, run_at for one time."""
    cron_format: Line = ""
    """When, as cron says it; needed unless the type is run_at."""
    run_at: Moment | None = None
    """The one time, needed if the type is run_at; without a zone it is the schedule's."""
    delete_after_run: bool = False
    """Whether it goes away after its one time."""
    active: bool | None = None
    """Whether it runs at all."""
    repository_id: Reference = None
    """Run only if this repository has a new commit then."""
    timezone: Zone | None = None
    """Empty: the server's."""
    missed: Missed | None = None
    """What becomes of times at which no worker ran."""
    task_params: TaskIn | None = None
    """Parameters of its runs."""

    @field_validator("cron_format")
    @classmethod
    def be_a_cron_line(cls, value: str, info: ValidationInfo) -> str:
        return checked(value) if info.data.get("type") == CRON else ""

    @field_validator("run_at", mode="before")
    @classmethod
    def be_a_time(cls, value: Any, info: ValidationInfo) -> Any:
        """What has no such time may send anything: clients post empty texts."""
        if info.data.get("type") != RUN_AT:
            return None
        if not value:
            raise ValueError("run_at must be provided")
        return _time(value) if isinstance(value, str) else value

    @property
    def is_active(self) -> bool:
        """Old clients do not send it for what looks for new commits, and mean that it does."""
        return bool(self.repository_id) if self.active is None else self.active

    @property
    def kept_params(self) -> dict[str, Any] | None:
        """What is stored of the parameters of its runs."""
        if self.task_params is None:
            return None
        return self.task_params.model_dump(exclude_none=True, exclude=NOT_KEPT) or None


def checked(text: str) -> str:
    """A cron line that says some time, or a ValueError in the original's words."""
    try:
        cron.parse(text)
    except cron.BadCron as error:
        raise ValueError(f"Cron: {error}") from error
    return text


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise reason("Must be a time such as 2026-11-23T09:47:31Z") from error


class ActiveIn(Input):
    active: bool = False
    """Whether it runs at all."""


class ScheduleOut(Output):
    id: int
    project_id: int
    template_id: int
    name: str
    type: str
    cron_format: str
    run_at: datetime | None
    delete_after_run: bool
    active: bool
    repository_id: int | None
    timezone: str
    missed: str
    task_params: dict[str, Any] | None
    next_at: datetime | None


class ScheduleWithTpl(ScheduleOut):
    """A schedule in a list."""

    tpl_name: str = Field(validation_alias="template_name")

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.permissions import Role
from app.schemas.base import Count, Input, Line, Output, filled


class ProjectIn(Input):
    """A project; what is restored may have no name.

    `max_duration` is ours: clients that do not know it keep it.
    """

    name: Line = ""
    """What people call it."""
    alert: bool = False
    """Kept for the time when the server has channels for alerts."""
    alert_chat: Line | None = None
    """The same."""
    max_parallel_tasks: Count = 0
    """Runs at the same time; 0: no limit."""
    type: Annotated[Line, Field(max_length=32)] = ""
    """Kept for clients."""
    max_duration: Count | None = None
    """Seconds a run may take; 0: no limit of its own."""


class NamedProjectIn(ProjectIn):
    """A project that is made or changed now: it has a name."""

    name: Annotated[Line, filled("Name cannot be empty")] = ""


class ProjectSettingsIn(NamedProjectIn):
    """What the page of the settings sends: an empty limit is none."""

    max_duration: Count = 0


class NewProjectIn(NamedProjectIn):
    demo: bool = False
    """Whether it comes with an example."""


class ProjectOut(Output):
    id: int
    name: str
    created: datetime
    alert: bool
    alert_chat: str | None
    max_parallel_tasks: int
    type: str
    max_duration: int


class RoleOut(Output):
    """What the user who asks may do: the bits of app.permissions."""

    role: Role | str
    permissions: int

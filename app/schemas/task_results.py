from datetime import datetime

from app.schemas.base import Output


class StageOut(Output):
    id: int
    task_id: int
    type: str
    start: datetime
    end: datetime | None


class HostOut(Output):
    """How a host has fared; counts of ansible's recap."""

    id: int
    task_id: int
    project_id: int
    host: str
    ok: int
    changed: int
    failed: int
    ignored: int
    rescued: int
    skipped: int
    unreachable: int


class ErrorOut(Output):
    """A task of a playbook that failed on a host and was not ignored."""

    id: int
    task_id: int
    project_id: int
    host: str
    task: str
    error: str

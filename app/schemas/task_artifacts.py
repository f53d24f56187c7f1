from typing import Any

from app.schemas.base import Output


class ArtifactOut(Output):
    """A file that a task has left behind; `name` is its path in the artifact directory."""

    id: int
    task_id: int
    name: str
    size: int
    sha256: str


class ToolOutputOut(Output):
    """An output of what a task has applied; `type` as terraform writes it. The value of one that is
    `sensitive` is not kept, nor that of one that `is_left_out`, as it is too long."""

    name: str
    type: Any
    sensitive: bool
    value: Any
    is_left_out: bool

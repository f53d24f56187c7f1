from app.schemas.base import Output


class ArtifactOut(Output):
    """A file that a task has left behind; `name` is its path in the artifact directory."""

    id: int
    task_id: int
    name: str
    size: int
    sha256: str

"""The files that a task has left behind, and the outputs of what it has applied."""

from flask import Blueprint

from app.api.wire import dump_all
from app.downloads import artifact
from app.errors import Unavailable
from app.guard import Permission, requires
from app.lib.keyring import KeyringError
from app.models import Project
from app.schemas.task_artifacts import ArtifactOut, ToolOutputOut
from app.services import task_artifacts, task_tool_outputs, tasks

bp = Blueprint(
    "api_task_artifacts",
    __name__,
    url_prefix="/project/<id:project_id>/tasks/<id:task_id>",
)


@bp.get("/artifacts")
@requires(Permission.VIEW)
def index(project: Project, task_id: int):
    """Its files by their names."""
    return dump_all(ArtifactOut, task_artifacts.of(tasks.get(project, task_id)))


@bp.get("/artifacts/<id:artifact_id>")
@requires(Permission.VIEW, transaction=False)
def show(project: Project, task_id: int, artifact_id: int):
    """The bytes of a file."""
    return artifact(project, task_id, artifact_id)


@bp.get("/outputs")
@requires(Permission.VIEW)
def outputs(project: Project, task_id: int):
    """The outputs of what it has applied, by their names; sensitive ones without values."""
    task = tasks.get(project, task_id)
    try:
        return dump_all(ToolOutputOut, task_tool_outputs.of(task))
    except KeyringError as error:
        raise Unavailable(f"The outputs cannot be decrypted: {error}") from error

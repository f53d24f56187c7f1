"""The files that a task has left behind."""

from flask import Blueprint

from app.api.wire import dump_all
from app.downloads import artifact
from app.guard import Permission, requires
from app.models import Project
from app.schemas.task_artifacts import ArtifactOut
from app.services import task_artifacts, tasks

bp = Blueprint(
    "api_task_artifacts",
    __name__,
    url_prefix="/project/<id:project_id>/tasks/<id:task_id>/artifacts",
)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, task_id: int):
    """Its files by their names."""
    return dump_all(ArtifactOut, task_artifacts.of(tasks.get(project, task_id)))


@bp.get("/<id:artifact_id>")
@requires(Permission.VIEW, transaction=False)
def show(project: Project, task_id: int, artifact_id: int):
    """The bytes of a file."""
    return artifact(project, task_id, artifact_id)

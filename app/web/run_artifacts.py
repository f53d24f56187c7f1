"""What a run has left behind: files, outputs, and what its playbook has set with set_stats."""

from flask import Blueprint

from app.downloads import artifact
from app.guard import Permission, requires
from app.lib.keyring import KeyringError
from app.lib.tool_outputs import ToolOutput
from app.models import Project, Task
from app.services import task_artifacts, task_tool_outputs, tasks
from app.web import hx
from app.web.run_head import head

bp = Blueprint("artifacts", __name__, url_prefix="/<id:task_id>/artifacts")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, task_id: int):
    task = tasks.get(project, task_id)
    outputs, lost = _outputs(task)
    return hx.render(
        "tasks/artifacts.html",
        files=task_artifacts.of(task),
        stats=task_artifacts.stats(task),
        outputs=outputs,
        lost=lost,
        **head(project, task, "Artifacts"),
    )


@bp.get("/<id:artifact_id>")
@requires(Permission.VIEW, transaction=False)
def download(project: Project, task_id: int, artifact_id: int):
    return artifact(project, task_id, artifact_id)


def _outputs(task: Task) -> tuple[list[ToolOutput], str]:
    """The outputs of a run, or why nobody can read them."""
    try:
        return task_tool_outputs.of(task), ""
    except KeyringError as error:
        return [], str(error)

"""The files that a run has left behind, and what its playbook has set with set_stats."""

from flask import Blueprint, Response, stream_with_context

from app.guard import Permission, requires
from app.models import Project
from app.services import task_artifacts, tasks
from app.web import hx
from app.web.run_head import head

bp = Blueprint("artifacts", __name__, url_prefix="/<id:task_id>/artifacts")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, task_id: int):
    task = tasks.get(project, task_id)
    return hx.render(
        "tasks/artifacts.html",
        files=task_artifacts.of(task),
        stats=task_artifacts.stats(task),
        **head(project, task, "Artifacts"),
    )


@bp.get("/<id:artifact_id>")
@requires(Permission.VIEW, transaction=False)
def download(project: Project, task_id: int, artifact_id: int):
    """Whatever it is, a browser saves it: a page or a script of a task must not run here."""
    row = task_artifacts.get(project, task_id, artifact_id)
    content = stream_with_context(task_artifacts.content(row.id))
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=row.name.rpartition("/")[2])
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Length"] = str(row.size)
    return answer

"""What a task was made of, and what makes it another one than a task before it."""

from flask import Blueprint

from app.api.wire import dump
from app.guard import Permission, requires
from app.models import Project
from app.schemas.run_manifests import ManifestOut
from app.services import run_manifests, tasks

bp = Blueprint(
    "api_run_manifests", __name__, url_prefix="/project/<id:project_id>/tasks/<id:task_id>"
)


@bp.get("/manifest")
@requires(Permission.VIEW)
def show(project: Project, task_id: int):
    """Its commit, variables with their origin, inventory, tools and command line."""
    facts = run_manifests.find(tasks.get(project, task_id))
    command = facts.get("command", {}).get("line")
    return dump(ManifestOut, {**facts, "task_id": task_id, "command": command})

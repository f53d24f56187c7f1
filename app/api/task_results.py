"""What came of a task: its stages, and of Ansible's the hosts and what failed on them."""

from typing import Any

from flask import Blueprint

from app.api.wire import dump_all
from app.guard import Permission, requires
from app.models import Project, TaskHost
from app.schemas.task_results import ErrorOut, HostOut, StageOut
from app.services import task_hosts, task_stages, tasks

bp = Blueprint(
    "api_task_results", __name__, url_prefix="/project/<id:project_id>/tasks/<id:task_id>"
)


@bp.get("/stages")
@requires(Permission.VIEW)
def stages(project: Project, task_id: int):
    """When it prepared, worked and told its results."""
    return dump_all(StageOut, task_stages.of(tasks.get(project, task_id)))


@bp.get("/ansible/hosts")
@requires(Permission.VIEW)
def hosts(project: Project, task_id: int):
    """The hosts with the counts of ansible's recap."""
    task = tasks.get(project, task_id)
    rows = [row.host for row in task_hosts.everyone(task)]
    return dump_all(HostOut, [_wire(project, row) for row in rows])


@bp.get("/ansible/errors")
@requires(Permission.VIEW)
def errors(project: Project, task_id: int):
    """What failed on which host and was not ignored."""
    task = tasks.get(project, task_id)
    found = task_hosts.errors(task)
    return dump_all(ErrorOut, [error | {"project_id": project.id} for error in found])


def _wire(project: Project, row: TaskHost) -> dict[str, Any]:
    counts = {name: getattr(row, name) for name in HostOut.model_fields if hasattr(row, name)}
    return counts | {"id": row.seq, "project_id": project.id}

from typing import Any

from flask import Blueprint, Response
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all
from app.guard import ADMIN, ITS_TEMPLATE, SOME_TEMPLATE, Permission, require_at, requires
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.schemas.tasks import ConfirmIn, RejectIn, StopIn, TaskIn, TaskOut, TaskWithTpl
from app.services import dispatch, server_tasks, task_plans, task_rows, task_targets, tasks
from app.urls import number

bp = Blueprint("api_tasks", __name__, url_prefix="/project/<id:project_id>/tasks")
server_bp = Blueprint("api_server_tasks", __name__, url_prefix="/tasks")

MOST, MOST_LAST = 1000, 200  # tasks that one answer lists


@bp.post("")
@requires(Permission.RUN_TASKS, at=SOME_TEMPLATE)
def create(project: Project):
    """Start a task."""
    data = body(TaskIn)
    template = task_targets.of(project, data)
    require_at(Permission.RUN_TASKS, template.id)
    named = data.model_copy(update={"template_id": template.id})  # what was looked at, runs
    return dump(TaskOut, tasks.start(project, named, actor=current_user), 201)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return shown_list(project)


@bp.get("/last")
@requires(Permission.VIEW)
def last(project: Project):
    """The last tasks; the header `X-Has-Next` says if there are more."""
    return shown_last(project)


@bp.get("/<id:task_id>")
@requires(Permission.VIEW)
def show(project: Project, task_id: int):
    task = tasks.get(project, task_id)
    return dump(TaskWithTpl, TaskWithTpl.of(task, dispatch.waiting_reason(task)))


@bp.delete("/<id:task_id>")
@requires(ADMIN)
def delete(project: Project, task_id: int):
    """Delete a finished one with its output."""
    tasks.delete(project, task_id, actor=current_user)
    return done()


@bp.post("/<id:task_id>/stop")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def stop(project: Project, task_id: int):
    """Stop it; with `force` without grace."""
    force = body(StopIn, optional=True).force
    tasks.stop(project, task_id, actor=current_user, force=force)
    return done()


@bp.post("/<id:task_id>/confirm")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def confirm(project: Project, task_id: int):
    """Approve the plan that it waits with; with `hash` only that one."""
    data = body(ConfirmIn, optional=True)
    task_plans.confirm(
        project,
        task_id,
        data.hash,
        comment=data.comment,
        destroyed=data.destroyed,
        actor=current_user,
    )
    return done()


@bp.post("/<id:task_id>/reject")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def reject(project: Project, task_id: int):
    """End it without applying its plan."""
    comment = body(RejectIn, optional=True).comment
    task_plans.reject(project, task_id, actor=current_user, comment=comment)
    return done()


@server_bp.get("")
@requires(ADMIN)
def index_server():
    """The tasks of the server that have not finished."""
    return dump(list[dict[str, Any]], [_in_queue(task) for task in tasks.active()])


@server_bp.delete("/<id:task_id>")
@requires(ADMIN)
def stop_server(task_id: int):
    """Stop a task."""
    server_tasks.stop(task_id, actor=current_user)
    return done()


def shown_list(project: Project, template: TaskTemplate | None = None) -> Response:
    """The tasks of a project or of a template, newest first."""
    return _shown(task_rows.find(project, template=template, count=MOST))


def shown_last(project: Project, template: TaskTemplate | None = None) -> Response:
    """The last `?count=` (or `?limit=`) tasks below the id `?before=`; a header tells if more."""
    wanted = number("count") or number("limit") or 0
    count = min(wanted, MOST_LAST) if wanted > 0 else MOST_LAST
    found = task_rows.find(project, template=template, before=number("before"), count=count + 1)
    answer = _shown(found[:count])
    answer.headers["X-Has-Next"] = "true" if len(found) > count else "false"
    return answer


def _shown(found: list[task_rows.Shown]) -> Response:
    waiting = [row for row in found if row["status"] == TaskStatus.WAITING]
    reasons = dispatch.waiting_reasons() if waiting else {}
    for row in waiting:
        row["waiting_reason"] = reasons.get(row["id"])
    return dump_all(TaskWithTpl, found)


def _in_queue(task: Task) -> dict[str, object]:
    """A task that has not finished, as the administrators' list shows it."""
    shown: dict[str, object] = {
        "task_id": task.id,
        "project_id": task.project_id,
        "status": task.status,
        "location": "queue" if task.status == TaskStatus.WAITING else "running",
    }
    return shown | ({"username": task.user.username} if task.user else {})

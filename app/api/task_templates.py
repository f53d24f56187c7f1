from flask import Blueprint, request
from flask_login import current_user

from app import guard
from app.api.tasks import shown_last, shown_list
from app.api.wire import body, done, dump, dump_all, one_project, order, refuse_move
from app.errors import DomainError
from app.guard import ITS_TEMPLATE, Permission, requires
from app.models import Project
from app.schemas.task_templates import DescriptionIn, TaskTemplateIn, TaskTemplateOut
from app.schemas.tasks import StopIn
from app.services import task_templates, tasks, template_rows
from app.services.references import Refs

bp = Blueprint("api_task_templates", __name__, url_prefix="/project/<id:project_id>/templates")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    """List them; `permissions` is what custom roles add for who asks."""
    found = template_rows.find(project, app=request.args.get("app", ""), **order())
    added = guard.rights().added
    return dump_all(TaskTemplateOut, [row | {"permissions": added.get(row["id"])} for row in found])


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    one_project(project)
    template = task_templates.create(project, body(TaskTemplateIn), actor=current_user)
    return dump(TaskTemplateOut, template, 201)


@bp.get("/<id:template_id>")
@requires(Permission.VIEW)
def show(project: Project, template_id: int):
    return dump(TaskTemplateOut, template_rows.one(task_templates.get(project, template_id)))


@bp.put("/<id:template_id>")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def update(project: Project, template_id: int):
    refuse_move(project, template_id, "template")
    task_templates.update(project, template_id, body(TaskTemplateIn), actor=current_user)
    return done()


@bp.put("/<id:template_id>/description")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def describe(project: Project, template_id: int):
    """Change only the description."""
    text = body(DescriptionIn).description
    task_templates.describe(project, template_id, text, actor=current_user)
    return done()


@bp.delete("/<id:template_id>")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def delete(project: Project, template_id: int):
    task_templates.delete(project, template_id, actor=current_user)
    return done()


@bp.get("/<id:template_id>/refs")
@requires(Permission.VIEW)
def refs(project: Project, template_id: int):
    """Who uses it."""
    return dump(Refs, task_templates.refs_of(task_templates.get(project, template_id)))


@bp.get("/<id:template_id>/tasks")
@requires(Permission.VIEW)
def index_tasks(project: Project, template_id: int):
    """Its tasks, newest first."""
    return shown_list(project, task_templates.get(project, template_id))


@bp.get("/<id:template_id>/tasks/last")
@requires(Permission.VIEW)
def last_tasks(project: Project, template_id: int):
    """Its last tasks; the header `X-Has-Next` says if there are more."""
    return shown_last(project, task_templates.get(project, template_id))


@bp.post("/<id:template_id>/stop_all_tasks")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def stop_all(project: Project, template_id: int):
    """Stop its tasks; with `force` without grace."""
    template = task_templates.get(project, template_id)
    tasks.stop_all(project, template, actor=current_user, force=_force())
    return done()


def _force() -> bool:
    """The recorded refusal of a body that is no JSON object."""
    try:
        return body(StopIn).force
    except DomainError as error:
        raise DomainError("Not allowed") from error

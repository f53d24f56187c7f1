from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all, one_project, refuse_move
from app.guard import Permission, requires
from app.models import Project
from app.schemas.schedules import ActiveIn, CronIn, ScheduleIn, ScheduleOut, ScheduleWithTpl
from app.services import schedules, task_templates

bp = Blueprint("api_schedules", __name__, url_prefix="/project/<id:project_id>")


@bp.get("/schedules")
@requires(Permission.VIEW)
def index(project: Project):
    return dump_all(ScheduleWithTpl, schedules.list_for(project))


@bp.post("/schedules")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    one_project(project)
    return dump(ScheduleOut, schedules.create(project, body(ScheduleIn), actor=current_user), 201)


@bp.post("/schedules/validate")
@requires(Permission.MANAGE_RESOURCES)
def validate(project: Project):
    """Check a cron line; nothing is stored."""
    body(CronIn)
    return done(200)


@bp.get("/schedules/<id:schedule_id>")
@requires(Permission.VIEW)
def show(project: Project, schedule_id: int):
    return dump(ScheduleOut, schedules.get(project, schedule_id))


@bp.put("/schedules/<id:schedule_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, schedule_id: int):
    refuse_move(project, schedule_id, "schedule")
    schedules.update(project, schedule_id, body(ScheduleIn), actor=current_user)
    return done()


@bp.put("/schedules/<id:schedule_id>/active")
@requires(Permission.MANAGE_RESOURCES)
def set_active(project: Project, schedule_id: int):
    """Switch it on or off."""
    schedules.set_active(project, schedule_id, body(ActiveIn).active, actor=current_user)
    return done()


@bp.delete("/schedules/<id:schedule_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, schedule_id: int):
    schedules.delete(project, schedule_id, actor=current_user)
    return done()


@bp.get("/templates/<id:template_id>/schedules")
@requires(Permission.VIEW)
def of_template(project: Project, template_id: int):
    """The schedules of a template."""
    template = task_templates.get(project, template_id)
    return dump_all(ScheduleWithTpl, schedules.list_for(project, template=template))

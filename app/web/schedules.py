"""Schedules: the list, the page of one, its switch, and how it goes away."""

from datetime import datetime

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.clock import utcnow
from app.guard import Permission, requires
from app.models import Project, Schedule
from app.services import schedule_lists, schedule_times, schedules, task_templates
from app.urls import number
from app.web import hx, schedule_forms
from app.web.rights import rights

bp = Blueprint("schedules", __name__, url_prefix="/p/<id:project_id>/schedules")
bp.register_blueprint(schedule_forms.bp)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return _list(project)


@bp.get("/<id:schedule_id>")
@requires(Permission.VIEW)
def show(project: Project, schedule_id: int):
    schedule = schedules.get(project, schedule_id)
    return hx.render(
        "schedules/show.html",
        block="detail",
        project=project,
        row=schedule_lists.one(schedule),
        zone=schedule_times.zone_of(schedule),
        times=_times(schedule),
        history=schedule_lists.history(schedule),
        **rights(),
    )


@bp.post("/<id:schedule_id>/active")
@requires(Permission.MANAGE_RESOURCES)
def set_active(project: Project, schedule_id: int):
    """Switch it over; the list comes back in its new order."""
    schedules.set_active(
        project, schedule_id, request.form.get("active") == "1", actor=current_user
    )
    return _list(project) if hx.is_partial() else hx.redirect(_url(project))


@bp.get("/<id:schedule_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, schedule_id: int):
    row = schedule_lists.one(schedules.get(project, schedule_id))
    return hx.render("schedules/delete.html", block="dialog", project=project, row=row)


@bp.post("/<id:schedule_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, schedule_id: int):
    schedules.delete(project, schedule_id, actor=current_user)
    return hx.done("schedules", "Schedule deleted", _url(project))


def _times(schedule: Schedule) -> list[datetime]:
    if schedule.next_at is None:
        return []
    return schedule_times.upcoming(schedule, utcnow(), first=schedule.next_at)


def _list(project: Project) -> Response:
    template_id = number("template")
    template = task_templates.get(project, template_id) if template_id else None
    rows = schedule_lists.find(project, template=template)
    return hx.render(
        "schedules/list.html",
        block="rows",
        project=project,
        rows=rows,
        template=template,
        **rights(),
    )


def _url(project: Project) -> str:
    return url_for(".index", project_id=project.id)

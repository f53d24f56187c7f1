from datetime import date

from flask import Blueprint, request

from app.api.wire import dump
from app.errors import Invalid
from app.guard import Permission, requires
from app.models import Project
from app.schemas.tasks import DayStatsOut
from app.services import task_stats, task_templates
from app.urls import number

bp = Blueprint("api_task_stats", __name__, url_prefix="/project/<id:project_id>")


@bp.get("/stats")
@requires(Permission.VIEW)
def of_project(project: Project):
    return dump(DayStatsOut, task_stats.by_day(project, _wanted()))


@bp.get("/templates/<id:template_id>/stats")
@requires(Permission.VIEW)
def of_template(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    return dump(DayStatsOut, task_stats.by_day(project, _wanted(), template))


def _wanted() -> task_stats.Wanted:
    return task_stats.Wanted(_day("start"), _day("end"), _user())


def _user() -> int | None:
    if "user_id" in request.args and number("user_id") is None:
        raise Invalid({"user_id": "Must be the id of a user"})
    return number("user_id")


def _day(name: str) -> date | None:
    """A day of the query. Raises Invalid."""
    if not (text := request.args.get(name, "")):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid({name: "Must be a day: 2026-12-31"}) from error

from datetime import date

from flask import Blueprint, request
from pydantic_core import PydanticCustomError

from app.api.wire import dump_all
from app.errors import Invalid
from app.guard import Permission, requires
from app.models import Project
from app.schemas.base import in_calendar
from app.schemas.tasks import DayStatsOut
from app.services import task_stats, task_templates
from app.urls import number

bp = Blueprint("api_task_stats", __name__, url_prefix="/project/<id:project_id>")


@bp.get("/stats")
@requires(Permission.VIEW)
def of_project(project: Project):
    """How many runs ended how, by day."""
    return dump_all(DayStatsOut, task_stats.by_day(project, _wanted()))


@bp.get("/templates/<id:template_id>/stats")
@requires(Permission.VIEW)
def of_template(project: Project, template_id: int):
    """How many runs of a template ended how, by day."""
    template = task_templates.get(project, template_id)
    return dump_all(DayStatsOut, task_stats.by_day(project, _wanted(), template))


def _wanted() -> task_stats.Wanted:
    return task_stats.Wanted(
        _day("start", request.args.get("start")), _day("end", request.args.get("end")), _user()
    )


def _user() -> int | None:
    if "user_id" in request.args and number("user_id") is None:
        raise Invalid({"user_id": "Must be the id of a user"})
    return number("user_id")


def _day(name: str, text: str | None) -> date | None:
    """A day of the query. Raises Invalid."""
    if not text:
        return None
    try:
        return in_calendar(date.fromisoformat(text))
    except PydanticCustomError as error:
        raise Invalid({name: error.message()}) from error
    except ValueError as error:
        raise Invalid({name: "Must be a day: 2026-12-31"}) from error

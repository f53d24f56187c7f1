"""The overview of a project: what needs somebody, what runs, what broke."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, request, url_for

from app.guard import Permission, requires
from app.identity import set_cookie
from app.lib import plan_counts
from app.models import Project, TaskStatus
from app.services import overview, run_lists, schedule_lists, tasks
from app.web import hx
from app.web.rights import rights

bp = Blueprint("overview", __name__, url_prefix="/p/<id:project_id>")

PAGE = "overview/show.html"
UNFINISHED = tuple(TaskStatus.unfinished())
NOW, FAILURES = 20, 5  # runs that are shown
DISMISSED = "heliograph_steps"  # the cookie that says in which project the next steps are hidden


@bp.get("")
@requires(Permission.VIEW)
def show(project: Project):
    return hx.render(
        PAGE,
        steps=_steps(project),
        is_welcome=request.args.get("welcome") == "1",
        **_needs(project)
        | _now(project)
        | _failures(project)
        | _upcoming(project)
        | _strip(project),
    )


@bp.get("/_needs")
@requires(Permission.VIEW)
def needs(project: Project):
    return _region(project, "needs", _needs)


@bp.get("/_now")
@requires(Permission.VIEW)
def now(project: Project):
    return _region(project, "now", _now)


@bp.get("/_failures")
@requires(Permission.VIEW)
def failures(project: Project):
    return _region(project, "failures", _failures)


@bp.get("/_upcoming")
@requires(Permission.VIEW)
def upcoming(project: Project):
    return _region(project, "upcoming", _upcoming)


@bp.get("/_strip")
@requires(Permission.VIEW)
def strip(project: Project):
    return _region(project, "strip", _strip)


@bp.post("/_steps")
@requires(Permission.VIEW)
def dismiss(project: Project):
    """Hide the next steps of this project in this browser."""
    url = url_for(".show", project_id=project.id)
    answer = hx.redirect(url)
    hidden = {*request.cookies.get(DISMISSED, "").split(), str(project.id)}
    words = " ".join(sorted(hidden)[-50:])
    set_cookie(answer, DISMISSED, words, lasts=timedelta(days=365))
    return answer


def _region(project: Project, block: str, context: Any):
    if not hx.is_partial():
        return hx.redirect(url_for(".show", project_id=project.id))
    return hx.render(PAGE, block=block, **context(project))


def _needs(project: Project) -> dict[str, Any]:
    needs = overview.needs(project)
    return {"project": project, "needs": needs, "told_of": plan_counts.sentence, **rights()}


def _now(project: Project) -> dict[str, Any]:
    active = tasks.list_for(project, UNFINISHED, NOW)
    return {
        "project": project,
        "active": active,
        "count": len(active) if len(active) < NOW else tasks.unfinished(project=project),
        "reasons": run_lists.reasons(active),
    }


def _failures(project: Project) -> dict[str, Any]:
    failed = tasks.list_for(project, (TaskStatus.ERROR,), FAILURES)
    return {"project": project, "failed": failed}


def _upcoming(project: Project) -> dict[str, Any]:
    return {"project": project, "upcoming": schedule_lists.upcoming(project)}


def _strip(project: Project) -> dict[str, Any]:
    days = overview.days(project)
    good, bad = sum(day.good for day in days), sum(day.bad for day in days)
    share = 100 * good / (good + bad) if days else 0
    return {"project": project, "days": days, "total": good + bad, "share": share}


def _steps(project: Project) -> overview.Steps | None:
    """The next steps as far as this role can take them, unless they are done or hidden."""
    if str(project.id) in request.cookies.get(DISMISSED, "").split():
        return None
    steps = overview.steps(project)
    return None if steps.are_done else steps

"""What the plan of a run changes: counts, resources to look through, and each one's attributes."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from app.guard import Permission, requires
from app.lib.keyring import KeyringError
from app.lib.plan_changes import MOST_CHANGES
from app.models import Project, Task, TaskPlanChange
from app.services import task_plan_changes, tasks
from app.urls import number
from app.web import hx, plan_words
from app.web.run_head import head

NOTHING = {"text": "", "action": ""}  # is searched for

bp = Blueprint("plan", __name__, url_prefix="/<id:task_id>/plan")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, task_id: int):
    return _page(project, tasks.get(project, task_id), number("page") or 1, _search())


@bp.get("/<id:change_id>")
@requires(Permission.VIEW)
def change(project: Project, task_id: int, change_id: int):
    """The attributes of a resource: inside of the list, without HTMX on the page that has it."""
    task = tasks.get(project, task_id)
    found = task_plan_changes.get(task, change_id)
    if hx.is_partial():
        return hx.render("tasks/_change.html", change=found, **_detail(found))
    return _page(project, task, task_plan_changes.page_of(found), NOTHING, found)


def _page(
    project: Project,
    task: Task,
    page: int,
    search: Mapping[str, str],
    opened: TaskPlanChange | None = None,
) -> Response:
    given, is_whole = head(project, task, "Plan"), "whole" in request.args
    counts = given["planned"].counts if given["planned"] else None
    return hx.render(
        "tasks/plan.html",
        block="plan" if is_whole else "changes",
        is_whole=is_whole,
        page=task_plan_changes.find(task, **search, number=page),
        choices=plan_words.choices(counts or {}),
        opened=opened.seq if opened else 0,
        most=MOST_CHANGES,
        glyph=plan_words.glyph,
        of_change=plan_words.of_change,
        **(_detail(opened) if opened else {}),
        **search,
        **given,
    )


def _detail(found: TaskPlanChange) -> dict[str, Any]:
    """What changes in a resource, or why nobody can tell."""
    try:
        detail, lost = task_plan_changes.detail(found), ""
    except KeyringError as error:
        detail, lost = None, str(error)
    rows = [plan_words.row(attribute) for attribute in detail.attributes] if detail else []
    return {"detail": detail, "rows": rows, "lost": lost}


def _search() -> dict[str, str]:
    action = request.args.get("action", "")
    return {
        "text": request.args.get("q", "").strip(),
        "action": action if plan_words.is_choice(action) else "",
    }

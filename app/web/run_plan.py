"""What the plan of a run changes: counts, resources to look through, and each one's attributes."""

from collections.abc import Mapping
from typing import NamedTuple

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


class Shown(NamedTuple):
    """The attributes of a change, in rows; `detail`: None if they are not kept, `lost`: why they
    cannot be read."""

    detail: task_plan_changes.Detail | None
    rows: list[plan_words.Row]
    lost: str = ""


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
        return hx.render("tasks/_change.html", change=found, shown=_shown_of(found))
    return _page(project, task, task_plan_changes.page_of(found), NOTHING, found)


def _page(
    project: Project,
    task: Task,
    page: int,
    search: Mapping[str, str],
    opened: TaskPlanChange | None = None,
) -> Response:
    given, is_whole = head(project, task, "Plan"), "whole" in request.args
    found = task_plan_changes.find(task, **search, number=page)
    is_open = "open" in request.args
    counts = given["planned"].counts if given["planned"] else None
    return hx.render(
        "tasks/plan.html",
        block="plan" if is_whole else "changes",
        is_whole=is_whole,
        page=found,
        choices=plan_words.choices(counts or {}),
        is_open=is_open,
        opened={opened.seq: _shown_of(opened)} if opened else _all_of(found) if is_open else {},
        most=MOST_CHANGES,
        glyph=plan_words.glyph,
        of_change=plan_words.of_change,
        **search,
        **given,
    )


def _shown_of(found: TaskPlanChange) -> Shown:
    """What changes in a resource, or why nobody can tell."""
    try:
        return _shown(task_plan_changes.detail(found))
    except KeyringError as error:
        return Shown(None, [], str(error))


def _all_of(page: task_plan_changes.Page) -> dict[int, Shown]:
    """The same of the resources of a page, as far as it can show them at once."""
    try:
        found = task_plan_changes.opened(page.rows)
    except KeyringError as error:
        return {page.rows[0].seq: Shown(None, [], str(error))}
    return {seq: _shown(detail) for seq, detail in found.items()}


def _shown(detail: task_plan_changes.Detail | None) -> Shown:
    return Shown(detail, [plan_words.row(one) for one in detail.attributes] if detail else [])


def _search() -> dict[str, str]:
    action = request.args.get("action", "")
    return {
        "text": request.args.get("q", "").strip(),
        "action": action if plan_words.is_choice(action) else "",
    }

"""Runs: the history of a project, and the page of one run. The log's data is in run_log."""

import json
from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.guard import ITS_TEMPLATE, Permission, requires
from app.models import ACTIVE, Project, Task, TaskStatus
from app.services import (
    builds,
    effective_command,
    events,
    keyset,
    project_users,
    run_lists,
    run_manifests,
    task_output,
    tasks,
    template_lists,
)
from app.urls import number
from app.web import (
    curl,
    formats,
    hx,
    plain_log,
    run_approval,
    run_artifacts,
    run_comparisons,
    run_hosts,
    run_plan,
    tool_params,
)
from app.web.run_head import head, named_tab

bp = Blueprint("tasks", __name__, url_prefix="/p/<id:project_id>/runs")
bp.register_blueprint(run_hosts.bp)
bp.register_blueprint(run_comparisons.bp)
bp.register_blueprint(run_artifacts.bp)
bp.register_blueprint(run_plan.bp)
bp.register_blueprint(run_approval.bp)

# What a list of runs can be narrowed to: word in the address -> label and states.
STATES: dict[str, tuple[str, tuple[TaskStatus, ...]]] = {
    "running": ("Running", ACTIVE),
    "waiting": ("Queued", (TaskStatus.WAITING,)),
    "success": ("Success", (TaskStatus.SUCCESS,)),
    "error": ("Failed", (TaskStatus.ERROR,)),
    "stopped": ("Stopped", (TaskStatus.STOPPED, TaskStatus.REJECTED)),
}


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    search = _search()
    page = run_lists.find(project, search, before=number("before"), after=number("after"))
    return hx.render(
        "tasks/list.html",
        block="rows",
        project=project,
        page=page,
        reasons=page.reasons,
        total=total(page.total),
        templates=lambda: template_lists.choices(project),
        people=lambda: project_users.choices(project),
        states=[("", "Any status"), *((word, label) for word, (label, _) in STATES.items())],
        query=_query(),
        address=partial(url_for, ".index", project_id=project.id, **_query()),
        is_first=not request.args.keys() & {"before", "after"},
    )


def total(count: int) -> str:
    return formats.counted_to(keyset.COUNTED, count, "run")


@bp.get("/_new")
@requires(Permission.VIEW)
def new(project: Project):
    """How many runs came after those that the list shows; reading them is left to the reader."""
    count = run_lists.newer(project, _search(), number("since") or 0)
    if not hx.is_partial():
        return hx.redirect(_list_url(project))
    return hx.render("tasks/_new.html", count=count, url=_list_url(project))


def _list_url(project: Project) -> str:
    """The list that a fragment belongs to: all runs, or those on their template's page."""
    template_id = number("template")
    if "own" in request.args and template_id is not None:
        return url_for("task_templates.show", project_id=project.id, template_id=template_id)
    return url_for(".index", project_id=project.id, **_query())


@bp.get("/_count")
@requires(Permission.VIEW)
def count(project: Project):
    """The number beside the link to the runs."""
    if not hx.is_partial():
        return hx.redirect(url_for(".index", project_id=project.id))
    return hx.render("tasks/_count.html", unfinished=tasks.unfinished(project=project))


@bp.get("/<id:task_id>/_row")
@requires(Permission.VIEW)
def row(project: Project, task_id: int):
    task = tasks.get(project, task_id)
    if not hx.is_partial():
        return hx.redirect(url_for(".show", project_id=project.id, task_id=task.id))
    reasons = run_lists.reasons([task])
    named = "named" in request.args
    return hx.render("tasks/_row.html", project=project, run=task, reasons=reasons, named=named)


@bp.get("/<id:task_id>")
@requires(Permission.VIEW)
def show(project: Project, task_id: int):
    task = tasks.get(project, task_id)
    return hx.render("tasks/show.html", ends=plain_log.ends(task), **head(project, task))


@bp.get("/<id:task_id>/_header")
@requires(Permission.VIEW)
def header(project: Project, task_id: int):
    return _answer(project, tasks.get(project, task_id))


@bp.get("/<id:task_id>/details")
@requires(Permission.VIEW)
def details(project: Project, task_id: int):
    task = tasks.get(project, task_id)
    facts = run_manifests.find(task)
    executed = facts.get("command", {}).get("line") or effective_command.executed(task)
    return hx.render(
        "tasks/details.html",
        history=events.of(task),
        facts=facts,
        executed=executed,
        command=executed or effective_command.of_task(task),
        curl=curl.start(task, request.url_root),
        told=tool_params.told(task),
        answers=json.loads(task.environment or "{}"),
        deployments=builds.deployments(task),
        **head(project, task, "Details"),
    )


@bp.post("/<id:task_id>/pin")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def pin(project: Project, task_id: int):
    kept = request.form.get("kept") == "1"
    tasks.pin(project, task_id, kept=kept, actor=current_user)
    url = url_for(".details", project_id=project.id, task_id=task_id)
    return hx.redirect(url, "Kept for ever" if kept else "No longer kept for ever")


@bp.get("/<id:task_id>/log.html")
@requires(Permission.VIEW)
def plain(project: Project, task_id: int):
    """The log in pages of plain lines, the first one if none is named."""
    task = tasks.get(project, task_id)
    page = task_output.page(task, number("page") or 1)
    lines = [plain_log.text(line) for line in page.lines.lines]
    return hx.render("tasks/log.html", page=page, lines=lines, **head(project, task))


@bp.post("/<id:task_id>/stop")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def stop(project: Project, task_id: int):
    force = request.form.get("force") == "1"
    task = tasks.stop(project, task_id, actor=current_user, force=force)
    return _answer(project, task)


def _answer(project: Project, task: Task) -> Response:
    """The head of a run as it is now; without HTMX the way to its page."""
    if not hx.is_partial():
        return hx.redirect(url_for(".show", project_id=project.id, task_id=task.id))
    return hx.render("tasks/show.html", block="header", **head(project, task, named_tab()))


def _search() -> run_lists.Search:
    _, states = STATES.get(request.args.get("status", ""), ("", ()))
    return run_lists.Search(
        text=request.args.get("q", "").strip(),
        statuses=states,
        template_id=number("template"),
        user_id=number("by"),
    )


def _query() -> dict[str, Any]:
    """The filters of the address, for links that keep them."""
    names = ("q", "status", "template", "by")
    return {name: request.args[name] for name in names if request.args.get(name)}

"""The hosts of a run: a table, the tasks of one host, and what a module has answered."""

from typing import Any

from flask import Blueprint, Response, request

from app.downloads import attachment, csv_line
from app.guard import Permission, requires
from app.models import Project, Task, TaskHost
from app.services import task_hosts, tasks
from app.urls import number
from app.web import hx
from app.web.run_head import head

bp = Blueprint("hosts", __name__, url_prefix="/<id:task_id>/hosts")

TITLES = {"unreachable": "Unreachable", "failed": "Failed", "changed": "Changed", "ok": "Success",
          "skipped": "Skipped"}  # fmt: skip
COLUMNS = ("ok", "changed", "failed", "unreachable", "skipped", "rescued", "ignored")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, task_id: int):
    task = tasks.get(project, task_id)
    search = _search()
    page = task_hosts.find(task, **search, number=number("page") or 1)
    return hx.render(
        "tasks/hosts.html",
        block="hosts_table",
        page=page,
        slowest=task_hosts.slowest(task),
        result_choices=_choices(page.counts),
        **search,
        **head(project, task, "Hosts"),
    )


@bp.get("/table.csv")
@requires(Permission.VIEW)
def table(project: Project, task_id: int):
    """All hosts as a file for spreadsheets."""
    task = tasks.get(project, task_id)
    lines = [csv_line(["host", "result", *COLUMNS, "seconds"])]
    for row in task_hosts.everyone(task):
        counts = [getattr(row.host, name) for name in COLUMNS]
        seconds = f"{row.host.duration_ms / 1000:.1f}"
        lines.append(csv_line([row.host.host, row.outcome, *counts, seconds]))
    return attachment(f"run-{task.id}-hosts.csv", "".join(lines), "text/csv")


@bp.get("/<id:host_id>")
@requires(Permission.VIEW)
def show(project: Project, task_id: int, host_id: int):
    """What each task came to on one host."""
    task = tasks.get(project, task_id)
    row = task_hosts.get(task, host_id)
    return _sheet(project, task, row)


@bp.get("/<id:host_id>/<id:result_id>")
@requires(Permission.VIEW)
def detail(project: Project, task_id: int, host_id: int, result_id: int):
    """What a module has answered: inside of the list, without HTMX on a page of its own."""
    task = tasks.get(project, task_id)
    row = task_hosts.get(task, host_id)
    found, told = task_hosts.detail(task, row, result_id)
    if not hx.is_partial():
        return _sheet(project, task, row, opened=found.seq, told=told)
    return hx.render("tasks/_result.html", told=told, result=found, task=task)


def _sheet(project: Project, task: Task, row: TaskHost, **opened: Any) -> Response:
    results = task_hosts.results(task, row)
    return hx.render(
        "tasks/host.html",
        block="sheet",
        project=project,
        task=task,
        row=row,
        results=results,
        is_cut=len(results) == task_hosts.RESULTS,
        columns=COLUMNS,
        **{"opened": None, "told": {}} | opened,
    )


def _choices(counts: dict[str, int]) -> list[tuple[str, str]]:
    """The results to filter by, with how many hosts have each."""
    return [(name, f"{TITLES[name]} ({count})") for name, count in counts.items()]


def _search() -> dict[str, str]:
    outcome = request.args.get("result", "")
    return {
        "text": request.args.get("q", "").strip(),
        "outcome": outcome if outcome in task_hosts.OUTCOMES else "",
    }

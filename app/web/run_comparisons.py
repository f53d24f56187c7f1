"""Two runs of a template beside each other, and what changed since one last worked."""

from functools import partial
from typing import Any

from flask import Blueprint, url_for

from app.errors import NotFound
from app.guard import Permission, requires
from app.lib import forges
from app.models import Project, Task, TaskStatus
from app.services import probes, run_comparisons, tasks
from app.services.run_comparisons import Pair
from app.urls import number
from app.web import formats, hx
from app.web.change_words import TITLES, label
from app.web.components import STATUS
from app.web.run_head import head

bp = Blueprint("comparisons", __name__)


@bp.get("/compare")
@requires(Permission.VIEW)
def compare(project: Project):
    """Two runs, `a` and `b`; without `a` the last one before `b` that has worked, if any."""
    b = tasks.get(project, number("b") or 0)
    a_id = number("a")
    if a_id is None:
        before = run_comparisons.last_success(b)
        a_id = before.id if before else b.id
    pair = run_comparisons.of(project, a_id, b.id)
    return hx.render(
        "tasks/compare.html",
        project=project,
        choices=[(str(run.id), _label(run)) for run in run_comparisons.choices(pair)],
        **shown(project, pair),
    )


@bp.get("/compare/_commits")
@requires(Permission.VIEW)
def commits(project: Project):
    """The commits between two runs; the fragment asks until a worker has looked."""
    pair = run_comparisons.of(project, number("a") or 0, number("b") or 0)
    if not hx.is_partial():
        return hx.redirect(url_for(".compare", project_id=project.id, a=pair.a.id, b=pair.b.id))
    return hx.render("tasks/_commits.html", project=project, **_commits(pair))


@bp.get("/<id:task_id>/changes")
@requires(Permission.VIEW)
def changes(project: Project, task_id: int):
    """What changed since it last worked: of a run that has failed."""
    task = tasks.get(project, task_id)
    if task.status != TaskStatus.ERROR:
        raise NotFound(f"Run {task_id} has not failed")
    pair = run_comparisons.since_it_worked(task)
    found = shown(project, pair) if pair else {"pair": None}
    return hx.render("tasks/changes.html", **found, **head(project, task, "What changed"))


def shown(project: Project, pair: Pair) -> dict[str, Any]:
    """What templates need of two runs; the look at their commits begins with it."""
    return {"pair": pair, "titles": TITLES, "label": label, **_commits(pair)}


def _commits(pair: Pair) -> dict[str, Any]:
    repository = pair.b.template.repository
    between = pair.comparison.commits
    state = None
    if between:
        state = probes.ask("commits", repository, before=between[0], after=between[1])
    return {
        "pair": pair,
        "state": state,
        "page_of": partial(forges.commit_page, repository.git_url),
    }


def _label(run: Task) -> str:
    return f"#{run.id} {STATUS[run.status].label.lower()}, {formats.moment(run.created)}"

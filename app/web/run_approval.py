"""The answer to a plan that waits: what it does is named once more, and counted by who approves."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from flask import Blueprint, Response, url_for
from flask_login import current_user

from app.guard import ITS_TEMPLATE, Permission, requires
from app.lib import plan_counts
from app.models import Project, Task
from app.schemas.base import Input
from app.schemas.tasks import ConfirmIn, RejectIn
from app.services import task_plans, tasks
from app.web import hx
from app.web.forms import Form
from app.web.run_head import workspace_of

bp = Blueprint("approval", __name__, url_prefix="/<id:task_id>")

LABELS = {"comment": "Comment", "destroyed": "Number of resources it destroys"}


class Answer(NamedTuple):
    """One of the two: what may be given with it, who takes it, and what is said afterwards."""

    schema: type[Input]
    decide: Callable[[Project, int, Any], Task]
    text: str


def _approve(project: Project, task_id: int, data: ConfirmIn) -> Task:
    """A page always asks for the number; who uses the API may leave it out."""
    return task_plans.confirm(
        project,
        task_id,
        data.hash,
        comment=data.comment,
        destroyed=data.destroyed or 0,
        actor=current_user,
    )


def _reject(project: Project, task_id: int, data: RejectIn) -> Task:
    return task_plans.reject(project, task_id, comment=data.comment, actor=current_user)


ANSWERS = {
    "approve": Answer(ConfirmIn, _approve, "Approved: the plan is applied"),
    "reject": Answer(RejectIn, _reject, "Rejected"),
}


@bp.get("/<any(approve, reject):word>")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def ask(project: Project, task_id: int, word: str):
    return _dialog(project, tasks.get(project, task_id), Form(ANSWERS[word].schema), word)


@bp.post("/<any(approve, reject):word>")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def answer(project: Project, task_id: int, word: str):
    schema, decide, text = ANSWERS[word]
    form = Form(schema)
    if not form.submit(partial(decide, project, task_id)):
        return _dialog(project, tasks.get(project, task_id), form, word), form.status
    if not hx.is_partial():
        return hx.redirect(url_for("tasks.show", project_id=project.id, task_id=task_id), text)
    toast = {"text": text, "kind": "ok"}
    return hx.announce(Response(status=204), toast=toast, **{"dialog:close": 1, "resync": 1})


def _dialog(project: Project, task: Task, form: Form, word: str) -> Response:
    plan = task_plans.waiting(task)
    counts = plan.counts if plan else None
    fields = {name: text for name, text in form.errors.items() if name in LABELS}
    whole = [text for name, text in form.errors.items() if name not in LABELS]
    return hx.render(
        "tasks/decide.html",
        block="dialog",
        project=project,
        task=task,
        word=word,
        plan=plan,
        workspace=workspace_of(task),
        closed=task_plans.closed(task) if not plan else "",
        told=plan_counts.sentence(counts),
        destroyed=plan_counts.destroyed(counts),
        refuses_outdated=task_plans.refuses_outdated(task),
        form=form,
        errors=fields | ({"form": " ".join(whole)} if whole else {}),
        labels=LABELS,
    )

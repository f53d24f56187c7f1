"""The run sheet of a template: what may be said before a run, and the start."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.errors import DomainError, Invalid, NotFound
from app.guard import ITS_TEMPLATE, Permission, requires
from app.lib import argument_lines
from app.lib.whole_numbers import whole
from app.models import Project, Task, TaskTemplate
from app.schemas.tasks import TaskIn
from app.services import (
    builds,
    effective_command,
    environments,
    inventories,
    missing_tools,
    task_hosts,
    task_params,
    task_templates,
    tasks,
)
from app.urls import number
from app.web import hx, opened_fields, run_links, survey, survey_choices, time_limits, tool_params
from app.web.forms import Form

bp = Blueprint("run", __name__, url_prefix="/<id:template_id>/run")
bp.register_blueprint(survey_choices.bp)

LABELS = {
    "git_branch": "Branch",
    "arguments": "Arguments",
    "message": "Message",
    "inventory_id": "Inventory",
    "environment_id": "Variables",
    "build_task_id": "Build",
    "repeats_id": "Repeated run",
    "same_commit": "Same commit",
    "max_duration": "Time limit",
}
COPIED = (
    "git_branch", "arguments", "message", "inventory_id", "environment_id", "build_task_id",
    "max_duration",
)  # fmt: skip


@bp.get("")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def new(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    before = _source(project, template)
    link = run_links.read(project, template)
    form = Form(TaskIn, only=LABELS, **_values_of(before) | link.values)
    answers = survey.of_task(template, before) | link.answers
    return _sheet(project, template, form, before, answers, link)


@bp.post("")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def create(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    form = Form(TaskIn, only=LABELS)
    form.values["template_id"] = template.id
    form.values["arguments"] = argument_lines.to_json(form.values["arguments"] or "")
    form.values["max_duration"] = time_limits.to_seconds(form.values["max_duration"])
    before = _source(project, template)
    form.values["message"] = _message(before)
    answers = survey.sent(template, before)
    form.values |= survey.as_parameters(template, answers, survey.others(template, None))
    form.values["params"] = tool_params.given(template)
    form.flaws |= survey.gone(template)
    if form.submit(tasks.start, project, actor=current_user):
        task: Task = form.result
        return hx.redirect(url_for("tasks.show", project_id=project.id, task_id=task.id))
    _add_what_a_start_refuses(project, form)
    return _sheet(project, template, form, before, answers), form.status


def _add_what_a_start_refuses(project: Project, form: Form) -> None:
    """A form that was refused before a start looked at it is told all that is wrong at once."""
    wrong = {name.partition(".")[0] for name in form.errors}
    if wrong & {"environment", "secret", "params"}:
        return  # these are what a start looks at: it has, or has nothing to look at
    given = {name: v for name, v in form.values.items() if v not in ("", None)}
    data = TaskIn.model_validate({name: v for name, v in given.items() if name not in wrong})
    try:
        tasks.check(project, data, actor=current_user)
    except Invalid as error:
        form.errors = error.fields | form.errors


@bp.post("/_command")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def command(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    own = argument_lines.to_json(request.form.get("arguments", ""))
    others = survey.others(template, None)
    given = tool_params.given(template)
    answers = survey.sent(template)
    text = _command(project, template, request.form, own, answers, given, others)
    return hx.render("task_templates/_command.html", command=text)


def _sheet(
    project: Project,
    template: TaskTemplate,
    form: Form,
    before: Task | None,
    answers: survey.Answers,
    link: run_links.Link | None = None,
):
    own = form.values["arguments"]
    given = _values(before)
    if link and link.params:
        given = (given or template.task_params or {}) | link.params
    params = _params(template, given)
    others = survey.others(template, before.environment if before else None)
    return hx.render(
        "task_templates/run.html",
        block="sheet",
        project=project,
        template=template,
        form=form,
        errors=tool_params.at_fields(survey.at_fields(form.errors)),
        labels=LABELS | survey.labels(template) | tool_params.labels(template.app),
        questions=survey.of_template(template, answers),
        before=before,
        refused=link.refused if link else {},
        missing=missing_tools.of(template),
        arguments=argument_lines.to_lines(own),
        others=others,
        command=_command(project, template, form.values, own, answers, params, others),
        minutes=time_limits.to_minutes(form.values["max_duration"]),
        builds=_builds(template, form.values["build_task_id"]),
        **opened_fields.shown(project, template, form.values["inventory_id"], given),
    )


def _builds(template: TaskTemplate, chosen: Any) -> list[tuple[int, str]]:
    """What a deploy can take, each as people know it; what is chosen is among it, however old."""
    found = builds.offered(template, whole(str(chosen or "")))
    deployed = builds.versions(found)
    return [(build.id, _of_build(build, build.version or deployed[build.id])) for build in found]


def _of_build(build: Task, version: str | None) -> str:
    return " ".join(filter(None, (version, f"#{build.id}", build.message[:60])))


def _command(
    project: Project,
    template: TaskTemplate,
    values: Mapping[str, Any],
    own: str | None,
    answers: survey.Answers,
    params: dict[str, Any],
    others: str,
) -> str:
    """What is closed counts as not given: a start refuses it, no run gets it."""
    opened = {one.name for one in task_params.opened(template)}
    said = survey.as_parameters(template, answers, survey.readable(others))["environment"]
    return effective_command.of_template(
        template,
        own if task_params.is_open(template, "arguments") else None,
        said,
        {name: value for name, value in params.items() if name in opened},
        group=_chosen(project, template, values, "environment_id", environments.list_for),
        inventory=_chosen(project, template, values, "inventory_id", inventories.list_for),
    )


def _chosen(
    project: Project,
    template: TaskTemplate,
    values: Mapping[str, Any],
    field: str,
    rows: Callable[[Project], list[Any]],
) -> Any:
    """What a field names, if it may be chosen and is there: somebody may still be choosing."""
    wanted = str(values.get(field) or "")
    if not wanted or not task_params.is_open(template, field):
        return None
    return next((row for row in rows(project) if str(row.id) == wanted), None)


def _message(before: Task | None) -> str:
    """That of the form; a field of one line joins the lines of the run that is repeated."""
    text = request.form.get("message", "")
    old = before.message if before else ""
    return old if old.replace("\r", "").replace("\n", "") == text else text


def _params(template: TaskTemplate, given: dict[str, Any] | None) -> dict[str, Any]:
    return tool_params.given(template) if request.method == "POST" else given or {}


def _values(before: Task | None) -> dict[str, Any] | None:
    """The tool's parameters of the run that is repeated; `hosts=failed`: on those hosts alone.

    Raises DomainError where a limit cannot say so: without one it would run on all hosts.
    """
    if before is None:
        return None
    values = before.params or {}
    if request.args.get("hosts") != "failed":
        return values
    opened = {one.name for one in task_params.opened(before.template)}
    names = task_hosts.troubled(before) if "limit" in opened else []
    if not names:
        raise DomainError(
            "A limit cannot name the failed hosts of this run: choose the hosts yourself"
        )
    return values | {"limit": names}


def _source(project: Project, template: TaskTemplate) -> Task | None:
    """The run that is to be repeated. Raises NotFound for one of another template."""
    task_id = number("from")
    if task_id is None:
        return None
    task = tasks.get(project, task_id)
    if task.template_id != template.id:
        raise NotFound(f"Run {task_id} is not of this template")
    return task


def _values_of(task: Task | None) -> dict[str, Any]:
    if task is None:
        return {}
    return {name: getattr(task, name) for name in COPIED} | {"repeats_id": task.id}

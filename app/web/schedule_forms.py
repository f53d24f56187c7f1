"""The form of a schedule: when it runs, and with what, which is as a run sheet asks it."""

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.errors import NotFound
from app.guard import Permission, requires
from app.lib import argument_lines, zones
from app.models import Project, Schedule, TaskTemplate
from app.schemas.schedules import CRON, RUN_AT, ScheduleIn
from app.schemas.tasks import TaskIn
from app.services import (
    events,
    repositories,
    schedule_times,
    schedules,
    task_templates,
    template_lists,
)
from app.urls import form_number, number
from app.web import (
    build_choices,
    hx,
    opened_fields,
    schedule_previews,
    survey,
    time_limits,
    tool_params,
    untouched,
)
from app.web.forms import Form

bp = Blueprint("forms", __name__)

FIELDS = (
    "name", "cron_format", "run_at", "delete_after_run", "active", "repository_id", "timezone",
    "missed",
)  # fmt: skip
# Parameters of a run that are fields as they are.
OWN = ("message", "git_branch", "inventory_id", "environment_id", "build_task_id")
REPEATED, ONCE, COMMITS = "cron", "once", "commits"
WHEN = ((REPEATED, "Again and again"), (ONCE, "Once"), (COMMITS, "For new commits"))
MISSED = (
    ("skip", "Leave them out"),
    ("once", "Run once for all of them"),
    ("all", "Run for each, at most 100"),
)
LABELS = {
    "cron_format": "Cron line",
    "run_at": "Time",
    "repository_id": "Repository",
    "timezone": "Time zone",
    "missed": "Missed times",
    "git_branch": "Branch",
    "inventory_id": "Inventory",
    "build_task_id": "Build",
    "environment_id": "Variables",
    "max_duration": "Time limit",
}


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    """Which template comes first: it decides what the form asks."""
    template_id = number("template")
    if template_id is None:
        choices = template_lists.choices(project)
        return hx.render("schedules/new.html", block="form", project=project, choices=choices)
    return _blank(project, task_templates.get(project, template_id))


@bp.post("/new")
@requires(Permission.MANAGE_RESOURCES)
def choose(project: Project):
    """The form for a template that was chosen."""
    template = task_templates.get(project, form_number("template") or 0)
    url = url_for(".new", project_id=project.id, template=template.id)
    return _blank(project, template) if hx.is_partial() else hx.redirect(url)


@bp.get("/_fields")
@requires(Permission.MANAGE_RESOURCES)
def fields(project: Project):
    """What says when, after another kind was chosen."""
    form = Form(ScheduleIn, only=FIELDS, cron_format="0 2 * * *")
    return hx.render(
        "schedules/_when.html",
        form=form,
        errors={},
        when=_wanted(),
        repositories=_repositories(project),
    )


@bp.post("/_preview")
@requires(Permission.MANAGE_RESOURCES)
def preview(project: Project):
    """The next times of what the form says."""
    return hx.render("schedules/_preview.html", **_previewed(dict(request.form)))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    template = task_templates.get(project, form_number("template_id") or 0)
    form = _sent(Form(ScheduleIn, only=FIELDS), template)
    if not form.submit(schedules.create, project, actor=current_user):
        return _page(project, template, form), form.status
    return hx.done("schedules", "Schedule created", _list(project))


@bp.get("/<id:schedule_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, schedule_id: int):
    schedule = schedules.get(project, schedule_id)
    form = Form(ScheduleIn, schedule, only=FIELDS)
    form.values["run_at"] = _wall(schedule)
    return _page(project, schedule.template, form, schedule)


@bp.post("/<id:schedule_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, schedule_id: int):
    schedule = schedules.get(project, schedule_id)
    template = schedule.template
    form = _sent(Form(ScheduleIn, schedule, only=FIELDS), template)
    given = form.values["task_params"]
    form.values["task_params"] = untouched.kept(template, schedule, given)
    seen, exact = (_wall(schedule), schedule.timezone), schedule.run_at

    def save(data: ScheduleIn) -> Schedule:
        if data.run_at and seen == (form.values["run_at"], form.values["timezone"]):
            data.run_at = exact  # the field has no seconds, and what has passed may stay
        return schedules.update(project, schedule_id, data, actor=current_user)

    if not form.submit(save):
        return _page(project, template, form, schedules.get(project, schedule_id)), form.status
    return hx.done("schedules", "Schedule saved", _list(project))


def _blank(project: Project, template: TaskTemplate) -> Any:
    form = Form(ScheduleIn, only=FIELDS)
    form.values |= {"cron_format": "0 2 * * *", "active": True, "timezone": "", "missed": "skip"}
    return _page(project, template, form)


def _sent(form: Form, template: TaskTemplate) -> Form:
    """What the form says, as a schedule takes it."""
    when = request.form.get("when", REPEATED)
    form.values["template_id"] = template.id
    form.values["type"] = RUN_AT if when == ONCE else CRON
    if when != COMMITS:
        form.values["repository_id"] = None
    elif not form.values["repository_id"]:
        form.values["repository_id"] = template.repository_id
    form.values["task_params"] = _parameters(template)
    form.flaws |= survey.gone(template)
    return form


def _parameters(template: TaskTemplate) -> dict[str, Any]:
    given: dict[str, Any] = {name: request.form.get(name, "").strip() for name in OWN}
    given |= survey.as_parameters(template, survey.sent(template), survey.others(template, None))
    given["arguments"] = argument_lines.to_json(request.form.get("arguments", ""))
    given["params"] = tool_params.given(template)
    given["max_duration"] = time_limits.to_seconds(request.form.get("max_duration"))
    return {name: value for name, value in given.items() if value}


def _page(
    project: Project, template: TaskTemplate, form: Form, schedule: Schedule | None = None
) -> Any:
    values = _parameters(template) if _is_sent() else _stored(schedule)
    when = request.values.get("when") or _when(schedule)
    errors, previewed = _at_fields(form), _previewed({**form.values, "when": when})
    if previewed.get("flaw") in errors.values():
        previewed["flaw"] = ""  # once at its field is enough
    return hx.render(
        "schedules/form.html",
        block="form",
        project=project,
        template=template,
        schedule=schedule,
        form=form,
        errors=errors,
        labels=LABELS | survey.labels(template) | tool_params.labels(template.app),
        when=when,
        kinds=WHEN,
        zones=[("", f"{schedule_times.server_zone()}, as the server says"), *zones.names()],
        missed=MISSED,
        repositories=_repositories(project),
        given=values,
        questions=_questions(template, values),
        builds=build_choices.of(template, values.get("build_task_id")),
        answered=schedules.answered(schedule) if schedule else set(),
        others=survey.others(template, values.get("environment")),
        arguments=argument_lines.to_lines(values.get("arguments")),
        minutes=time_limits.to_minutes(values.get("max_duration")),
        change=events.last_of(schedule) if schedule and form.theirs else None,
        **opened_fields.shown(
            project, template, values.get("inventory_id"), values.get("params", {})
        ),
        **previewed,
    )


def _questions(template: TaskTemplate, values: dict[str, Any]) -> list[survey.Field]:
    """With the answers that were sent, else those that are stored; never with a secret."""
    if _is_sent():
        answers = survey.sent(template)
    else:
        before: Any = SimpleNamespace(environment=values.get("environment")) if values else None
        answers = survey.of_task(template, before)
    return survey.of_template(template, answers)


def _stored(schedule: Schedule | None) -> dict[str, Any]:
    """Its parameters as the fields have them: clients may give some of the tool's beside others."""
    given = (schedule.task_params if schedule else None) or {}
    return given | {"params": TaskIn.model_validate(given).tool_params}


def _is_sent() -> bool:
    """Not so when only its template was chosen."""
    return request.method == "POST" and "template_id" in request.form


def _when(schedule: Schedule | None) -> str:
    if schedule is None:
        return REPEATED
    return ONCE if schedule.type == RUN_AT else COMMITS if schedule.repository_id else REPEATED


def _wanted() -> str:
    when = request.args.get("when", REPEATED)
    if when not in dict(WHEN):
        raise NotFound("There is no such kind of schedule")
    return when


def _wall(schedule: Schedule) -> str | None:
    """Its one time as the field of a form has it, in its zone."""
    if schedule.run_at is None:
        return None
    return f"{schedule.run_at.astimezone(schedule_times.zone_of(schedule)):%Y-%m-%dT%H:%M}"


def _previewed(values: dict[str, Any]) -> dict[str, Any]:
    """The next times of what a form says, or what is wrong with it."""
    given = {name: values.get(name) for name in ("cron_format", "run_at", "timezone")}
    kind = RUN_AT if values.get("when") == ONCE else CRON
    return schedule_previews.of(given | {"type": kind})


def _at_fields(form: Form) -> dict[str, str]:
    """Parameters are fields of this form as they are of a run sheet."""
    named = dict(_named(name, text) for name, text in form.errors.items())
    line = form.values["cron_format"]
    said = {name: schedule_previews.plain(text, line) for name, text in named.items()}
    bare = {name.removeprefix("task_params."): text for name, text in said.items()}
    if "secret" in bare:
        bare["form"] = bare.pop("secret")
    return tool_params.at_fields(survey.at_fields(bare))


def _named(name: str, text: str) -> tuple[str, str]:
    """A schema says what is wrong of `task_params` as "max_duration: Must be …"."""
    field, colon, why = text.partition(": ")
    return (field, why) if name == "task_params" and colon else (name, text)


def _repositories(project: Project) -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in repositories.list_for(project)]


def _list(project: Project) -> str:
    return url_for("schedules.index", project_id=project.id)

"""The form of a template: new, as a copy, and edited."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.errors import NotFound
from app.executors import executor_of
from app.guard import ITS_TEMPLATE, SOME_TEMPLATE, Permission, requires
from app.lib import argument_lines
from app.models import Environment, Inventory, Project, TaskTemplate
from app.schemas.task_templates import TaskTemplateIn
from app.services import (
    access_keys,
    apps,
    builds,
    effective_command,
    environments,
    events,
    inventories,
    repositories,
    task_params,
    task_templates,
)
from app.web import (
    hx,
    key_types,
    shown_apps,
    survey,
    survey_rows,
    time_limits,
    tool_params,
    vault_rows,
)
from app.web.forms import Form
from app.web.rights import rights
from app.web.template_labels import LABELS, errors, in_words, labels, views

bp = Blueprint("form", __name__)


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def choose(project: Project):
    """What it shall run: one of the kinds."""
    return hx.render(
        "task_templates/choose.html",
        project=project,
        apps=shown_apps.offered(),
        executor_of=executor_of,
    )


@bp.get("/new/<app>")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project, app: str):
    return _page(project, _form(_known(app)))


@bp.post("/new/<app>")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project, app: str):
    form = _form(_known(app))
    if vault_rows.change(form) or survey_rows.change(form):
        return _page(project, form)
    if form.submit(_create, project):
        return _saved(form.result)
    return _page(project, form), form.status


@bp.get("/<id:template_id>/copy")
@requires(Permission.MANAGE_RESOURCES)
def copy(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    form = _form(template.app, template)
    form.values["name"] = f"Copy of {template.name}"[:255]
    if executor_of(template.app).takes_workspace:
        form.values["inventory_id"] = None  # the state stays with the template that it is of
    return _page(project, form, template, is_copy=True)


@bp.post("/<id:template_id>/copy")
@requires(Permission.MANAGE_RESOURCES)
def create_copy(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    form = _form(template.app, template)
    if vault_rows.change(form) or survey_rows.change(form):
        return _page(project, form, template, is_copy=True)
    if form.submit(_create, project):
        return _saved(form.result)
    return _page(project, form, template, is_copy=True), form.status


@bp.get("/<id:template_id>/edit")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def edit(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    return _page(project, _form(template.app, template), template)


@bp.post("/<id:template_id>/edit")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def update(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    form = _form(template.app, template)
    if vault_rows.change(form) or survey_rows.change(form):
        return _page(project, form, template)
    if form.submit(_update, project, template.id):
        return _saved(form.result)
    return _page(project, form, template), form.status


def _create(project: Project, data: TaskTemplateIn) -> TaskTemplate:
    survey_rows.refuse_nameless(data)
    return task_templates.create(project, data, actor=current_user)


def _update(project: Project, template_id: int, data: TaskTemplateIn) -> TaskTemplate:
    survey_rows.refuse_nameless(data)
    return task_templates.update(project, template_id, data, actor=current_user)


@bp.post("/new/<app>/_command")
@requires(Permission.MANAGE_RESOURCES, at=SOME_TEMPLATE)
def command(project: Project, app: str):
    """The effective command of a form that is being filled in; arguments outgrow an address."""
    wanted = set(request.form.getlist("environment_ids", type=int))
    text = effective_command.show(
        _known(app),
        request.form.get("playbook", ""),
        argument_lines.to_json(request.form.get("arguments", "")),
        [group for group in environments.list_for(project) if group.id in wanted],
        params=tool_params.sent(app),
        inventory=_inventory(project, request.form.get("inventory_id")),
    )
    return hx.render("task_templates/_command.html", command=text)


@bp.post("/new/<app>/_survey")
@requires(Permission.MANAGE_RESOURCES, at=SOME_TEMPLATE)
def preview(project: Project, app: str):
    """What people will be asked by the questions of a form that is being filled in."""
    _known(app)
    questions = survey.preview(survey_rows.sent([]))
    return hx.render("task_templates/_survey_preview.html", questions=questions)


@bp.get("/new/<app>/_field/repository_id")
@requires(Permission.MANAGE_RESOURCES, at=SOME_TEMPLATE)
def repository_field(project: Project, app: str):
    """The picker after a repository was made beside the form: the newest one is chosen."""
    found = repositories.list_for(project)
    newest = max((repository.id for repository in found), default="")
    return hx.render(
        "task_templates/_repository.html", project=project, app=_known(app),
        repositories=found, current=newest, error=None, **rights(),
    )  # fmt: skip


def _form(app: str, template: TaskTemplate | None = None) -> Form:
    """The fields that the page shows. It has lines and minutes for JSON and seconds."""
    form = Form(TaskTemplateIn, template, only=LABELS)
    form.values["app"] = app
    form.values["vaults"] = vault_rows.of_template(template)
    form.values["survey_vars"] = survey_rows.of_template(template)
    if request.method == "POST":
        form.values["vaults"] = vault_rows.sent()
        form.values["survey_vars"] = survey_rows.sent(form.values["survey_vars"])
        form.values["arguments"] = argument_lines.to_json(form.values["arguments"] or "")
        form.values["max_duration"] = time_limits.to_seconds(form.values["max_duration"])
        if executor_of(app).parameters:
            form.values["task_params"] = tool_params.sent(app)
    return form


def _page(
    project: Project, form: Form, template: TaskTemplate | None = None, *, is_copy: bool = False
) -> Response:
    values, groups = form.values, environments.list_for(project)
    executor, params = executor_of(values["app"]), values["task_params"] or {}
    chosen = [group for group in groups if str(group.id) in map(str, values["environment_ids"])]
    stale = bool(form.theirs and template)
    if template:
        vault_rows.forget_same(form, template)
        survey_rows.forget_same(form, template)
        form.theirs = in_words(form.theirs, project, template)
    return hx.render(
        "task_templates/form.html",
        block="form",
        project=project,
        form=form,
        errors=errors(form),
        template=template,
        is_copy=is_copy,
        labels=labels(form),
        executor=executor,
        inventory_choices=_inventories(project, form, None if is_copy else template),
        override_inventory=bool(params.get(task_params.OVERRIDE_INVENTORY)),
        override_group=bool(params.get(task_params.OVERRIDE_GROUP)),
        params=tool_params.of_template(values["app"], params),
        levels=tool_params.levels(),
        **survey_rows.shown(form),
        vault_keys=key_types.options(access_keys.list_for(project), key_types.VAULTS),
        change=events.last_of(template) if stale else None,
        repositories=repositories.list_for(project),
        views=views(project),
        sources=builds.sources(project, template if not is_copy else None),
        groups=groups,
        chosen=chosen,
        arguments=argument_lines.to_lines(values["arguments"]),
        minutes=time_limits.to_minutes(values["max_duration"]),
        command=_command(project, values, chosen),
        **rights(template.id if template and not is_copy else None),
    )


def _command(project: Project, values: dict[str, Any], groups: list[Environment]) -> str:
    given = (values["app"], values["playbook"] or "", values["arguments"], groups)
    hosts, params = _inventory(project, values["inventory_id"]), values["task_params"]
    return effective_command.show(*given, params=params, inventory=hosts)


def _inventories(
    project: Project, form: Form, template: TaskTemplate | None
) -> list[tuple[int, str]]:
    """What the template may have: of workspaces none that belongs to another one."""
    app, chosen = form.values["app"], form.values["inventory_id"]
    return inventories.choices(project, app, template, chosen)


def _inventory(project: Project, inventory_id: object) -> Inventory | None:
    """The inventory that a form names, if the project has it: somebody may still be choosing."""
    wanted = str(inventory_id)  # a number of a row, or what was posted
    return next((one for one in inventories.list_for(project) if str(one.id) == wanted), None)


def _saved(template: TaskTemplate) -> Response:
    """On to its page, or to its run sheet for whoever wants to see it work."""
    endpoint = "run.new" if request.form.get("then") == "run" else "show"
    url = url_for(
        f"task_templates.{endpoint}", project_id=template.project_id, template_id=template.id
    )
    return hx.redirect(url, "Template saved")


def _known(app: str) -> str:
    if apps.find(app) is None:
        raise NotFound(f"This server cannot run {app}")
    return app

"""Templates: the list, a template's page, and how it goes away."""

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.guard import ITS_TEMPLATE, Permission, requires
from app.models import Project, ProjectView, TaskTemplate
from app.services import (
    effective_command,
    project_views,
    removing,
    run_lists,
    schedule_lists,
    task_templates,
    tasks,
    template_lists,
    variables,
)
from app.urls import number
from app.web import (
    formats,
    hx,
    run_sheets,
    shown_apps,
    template_forms,
    template_roles,
    template_workspaces,
)
from app.web import project_views as view_pages
from app.web.rights import rights
from app.web.tasks import STATES, total
from app.web.template_tabs import tab_of

bp = Blueprint("task_templates", __name__, url_prefix="/p/<id:project_id>/templates")
bp.register_blueprint(template_forms.bp)
bp.register_blueprint(run_sheets.bp)
bp.register_blueprint(template_roles.bp)
bp.register_blueprint(template_workspaces.bp)
bp.register_blueprint(view_pages.bp)

NEVER = ("Never run", (template_lists.NEVER,))
STATUSES: dict[str, tuple[str, tuple[str, ...]]] = {**STATES, "never": NEVER}


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    views = [view for view in project_views.list_for(project) if not view.hidden]
    view = next((view for view in views if view.id == number("view")), None)
    search = _search(view)
    page = template_lists.find(project, search, after=number("after"))
    return hx.render(
        "task_templates/list.html",
        block="rows",
        project=project,
        page=page,
        total=formats.counted(page.total, "template"),
        query=_query(),
        views=views,
        view=view,
        sort=search.sort,
        tools=[("", "Any tool"), *_tools(project)],
        states=[("", "Any status"), *((word, label) for word, (label, _) in STATUSES.items())],
        is_first="after" not in request.args,
        **rights(),
    )


@bp.get("/<id:template_id>/_row")
@requires(Permission.VIEW)
def row(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    if not hx.is_partial():
        return hx.redirect(_url(template))
    found = template_lists.rows([template])[0]
    return hx.render("task_templates/_row.html", project=project, row=found, **rights())


@bp.get("/<id:template_id>")
@requires(Permission.VIEW)
def show(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    search = run_lists.Search(template_id=template.id)
    page = run_lists.find(project, search, before=number("before"), after=number("after"))
    return tab_of(
        project,
        template,
        "task_templates/show.html",
        page=page,
        reasons=page.reasons,
        total=total(page.total),
        row=template_lists.rows([template])[0],
        address=partial(url_for, ".show", project_id=project.id, template_id=template.id),
    )


@bp.get("/<id:template_id>/details")
@requires(Permission.VIEW)
def details(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    return tab_of(
        project,
        template,
        "task_templates/details.html",
        "Details",
        command=effective_command.of_template(template),
        variables=variables.merge(template.environments),
    )


@bp.get("/<id:template_id>/schedules")
@requires(Permission.VIEW)
def schedules(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    rows = schedule_lists.find(project, template=template)
    return tab_of(project, template, "task_templates/schedules.html", "Schedules", rows=rows)


@bp.get("/<id:template_id>/delete")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def confirm_delete(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    return hx.render(
        "task_templates/delete.html",
        block="dialog",
        project=project,
        template=template,
        unfinished=tasks.unfinished(template=template),
        used_by=task_templates.refs_of(template)["templates"],
        runs=run_lists.extent(template),
        from_page="from" in request.args,
    )


@bp.post("/<id:template_id>/delete")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def delete(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    url = url_for(".index", project_id=project.id)
    if "stop" in request.args:
        count = removing.ask_for_template(project, template.id, actor=current_user)
        text = f"Stopping {formats.counted(count, 'run')}; then the template is deleted"
    else:
        task_templates.delete(project, template.id, actor=current_user)
        text = "Template deleted"
    return hx.redirect(url, text) if "from" in request.args else hx.done("templates", text, url)


def _url(template: TaskTemplate) -> str:
    return url_for(".show", project_id=template.project_id, template_id=template.id)


def _tools(project: Project) -> list[tuple[str, str]]:
    return [(app, shown_apps.shown(app).name) for app in template_lists.apps(project)]


def _search(view: ProjectView | None) -> template_lists.Search:
    _, states = STATUSES.get(request.args.get("status", ""), ("", ()))
    return template_lists.Search(
        text=request.args.get("q", "").strip(),
        app=request.args.get("app", ""),
        statuses=states,
        view_id=view.id if view and view.type != "all" else None,
        sort=request.args.get("sort") or _sort_of(view),
    )


def _sort_of(view: ProjectView | None) -> str:
    """The order a list begins with: clients may have chosen one for a view."""
    if view is None or view.sort_column is None:
        return template_lists.DEFAULT_SORT
    return f"-{view.sort_column}" if view.sort_reverse else view.sort_column


def _query() -> dict[str, Any]:
    """The filters of the address, for links that keep them."""
    names = ("q", "app", "status", "view")
    return {name: request.args[name] for name in names if request.args.get(name)}

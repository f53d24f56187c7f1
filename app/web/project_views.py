"""Views: the tabs that a project's list of templates has."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Project, ProjectView
from app.schemas.project_views import ProjectViewIn
from app.services import events, project_views
from app.web import hx
from app.web.forms import Form

bp = Blueprint("views", __name__, url_prefix="/views")

FIELDS = ("title", "hidden")
MOVES = {"up": -1, "down": 1}


@bp.get("")
@requires(Permission.MANAGE_RESOURCES)
def index(project: Project):
    return _list(project)


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    return _page(project, Form(ProjectViewIn, only=FIELDS))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    """The new one comes last."""
    form = Form(ProjectViewIn, only=FIELDS)
    form.values["position"] = len(project_views.list_for(project))
    if not form.submit(project_views.create, project, actor=current_user):
        return _page(project, form), form.status
    return hx.done("views", "View created", _url(project))


@bp.get("/<id:view_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, view_id: int):
    view = project_views.get(project, view_id)
    return _page(project, Form(ProjectViewIn, view, only=FIELDS), view)


@bp.post("/<id:view_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, view_id: int):
    view = project_views.get(project, view_id)
    form = Form(ProjectViewIn, view, only=FIELDS)
    if not form.submit(
        lambda data: project_views.update(project, view.id, data, actor=current_user)
    ):
        return _page(project, form, view), form.status
    return hx.done("views", "View saved", _url(project))


@bp.post("/<id:view_id>/move")
@requires(Permission.MANAGE_RESOURCES)
def move(project: Project, view_id: int):
    """One place up or down; the list comes back, the focus stays on the button."""
    by = MOVES.get(request.form.get("do", ""), 0)
    project_views.move(project, view_id, by=by, actor=current_user)
    return _list(project) if hx.is_partial() else hx.redirect(_url(project))


@bp.get("/<id:view_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, view_id: int):
    view = project_views.get(project, view_id)
    return hx.render("project_views/delete.html", block="dialog", project=project, view=view)


@bp.post("/<id:view_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, view_id: int):
    project_views.delete(project, view_id, actor=current_user)
    return hx.done("views", "View deleted", _url(project))


def _list(project: Project) -> Response:
    views = project_views.list_for(project)
    return hx.render("project_views/list.html", block="rows", project=project, views=views)


def _page(project: Project, form: Form, view: ProjectView | None = None) -> Response:
    return hx.render(
        "project_views/form.html",
        block="form",
        project=project,
        form=form,
        view=view,
        change=events.last_of(view) if view and form.theirs else None,
    )


def _url(project: Project) -> str:
    return url_for(".index", project_id=project.id)

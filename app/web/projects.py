"""The list of projects, making a new one, and deleting one."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.guard import CREATE_PROJECT, SIGNED_IN, Permission, may_create_projects, requires
from app.models import Project
from app.schemas.projects import NamedProjectIn
from app.services import project_summaries, projects, removing, tasks
from app.web import formats, hx
from app.web.forms import Form

bp = Blueprint("projects", __name__, url_prefix="/projects")

FIELDS = ("name", "max_parallel_tasks")


@bp.get("")
@requires(SIGNED_IN)
def index():
    return hx.render(
        "projects/list.html",
        block="rows",
        summaries=project_summaries.list_for(current_user),
        may_create=may_create_projects(),
    )


@bp.get("/new")
@requires(CREATE_PROJECT)
def new():
    return _form(Form(NamedProjectIn, only=FIELDS))


@bp.post("")
@requires(CREATE_PROJECT)
def create():
    form = Form(NamedProjectIn, only=FIELDS)
    if not form.submit(projects.create, actor=current_user):
        return _form(form), form.status
    url = url_for("overview.show", project_id=form.result.id)
    return hx.redirect(url, "Project created")


@bp.get("/<id:project_id>/delete")
@requires(Permission.UPDATE_PROJECT)
def confirm_delete(project: Project):
    return hx.render(
        "projects/delete.html",
        block="dialog",
        project=project,
        unfinished=tasks.unfinished(project=project),
        counts=projects.contents(project),
    )


@bp.post("/<id:project_id>/delete")
@requires(Permission.UPDATE_PROJECT)
def delete(project: Project):
    url = url_for(".index")
    if "stop" in request.args:
        count = removing.ask_for_project(project, actor=current_user)
        return hx.redirect(
            url, f"Stopping {formats.counted(count, 'run')}; then the project is deleted"
        )
    projects.delete(project, actor=current_user)
    return hx.redirect(url, "Project deleted")


def _form(form: Form):
    return hx.render("projects/form.html", block="form", form=form)

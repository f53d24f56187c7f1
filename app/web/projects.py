"""The list of projects, and making a new one."""

from flask import Blueprint, url_for
from flask_login import current_user

from app.guard import CREATE_PROJECT, SIGNED_IN, may_create_projects, requires
from app.schemas.projects import NamedProjectIn
from app.services import project_summaries, projects
from app.web import hx
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


def _form(form: Form):
    return hx.render("projects/form.html", block="form", form=form)

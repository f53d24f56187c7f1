"""The form of a variable group: a table, or JSON, and its secrets, which are written only.

Each button of the form submits it. Only Save stores something; the others answer with the form,
changed as they say, so that all of it works without scripts.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Environment, Project
from app.schemas.environments import KINDS, EnvironmentIn
from app.services import environments
from app.web import hx
from app.web.forms import Form
from app.web.variable_editor import Editor, rows_of
from app.web.variable_rows import SecretRow

bp = Blueprint("form", __name__)


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    editor = Editor(Form(EnvironmentIn), [], [])
    return editor.page(project)


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    return _save(project, None, environments.create, project)


@bp.get("/<id:environment_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, environment_id: int):
    group = environments.get(project, environment_id)
    known = [SecretRow(row.id, row.name, "", KINDS[row.owner]) for row in group.secrets]
    form = Form(EnvironmentIn, group)
    return Editor(form, rows_of(form), known, group).page(project)


@bp.post("/<id:environment_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, environment_id: int):
    group = environments.get(project, environment_id)
    return _save(project, group, environments.update, project, environment_id)


def _save(
    project: Project, group: Environment | None, use_case: Callable[..., Any], *args: Any
) -> Response | tuple[Response, int]:
    editor = Editor.sent(group)
    if wish := request.form.get("do"):
        editor.change(wish)
        return editor.page(project), 422 if editor.errors else 200
    if editor.errors or not editor.form.submit(use_case, *args, actor=current_user):
        return editor.page(project), editor.form.status if editor.form.errors else 422
    made = editor.form.result
    if short := editor.short_secrets:
        flash(f"Stored, but too short to be masked in logs: {', '.join(short)}", "warn")
    url = url_for("environments.show", project_id=project.id, environment_id=made.id)
    return hx.redirect(url, "Variables saved")

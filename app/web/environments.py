"""Variables: the list of groups, the page of one, and how it goes away."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Project
from app.services import environment_lists, environments, variables
from app.web import environment_forms, formats, hx
from app.web.rights import rights

bp = Blueprint("environments", __name__, url_prefix="/p/<id:project_id>/variables")
bp.register_blueprint(environment_forms.bp)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    text = request.args.get("q", "").strip()
    rows = environment_lists.find(project, text)
    return hx.render(
        "environments/list.html",
        block="rows",
        project=project,
        rows=rows,
        q=text,
        total=formats.counted(len(rows), "group"),
        **rights(),
    )


@bp.get("/<id:environment_id>")
@requires(Permission.VIEW)
def show(project: Project, environment_id: int):
    group = environments.get(project, environment_id)
    return hx.render(
        "environments/show.html",
        project=project,
        group=group,
        variables=variables.of_group(group),
        others=environment_lists.others(project, group),
        refs=environments.refs_of(group),
        **rights(),
    )


@bp.get("/<id:environment_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, environment_id: int):
    """The question before it is deleted, or what stands against it."""
    group = environments.get(project, environment_id)
    return hx.render(
        "environments/delete.html",
        block="dialog",
        project=project,
        group=group,
        refs=environments.refs_of(group),
        on_page=request.args.get("from") == "page",
    )


@bp.post("/<id:environment_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, environment_id: int):
    environments.delete(project, environment_id, actor=current_user)
    url = url_for(".index", project_id=project.id)
    if request.form.get("from") == "page":
        return hx.redirect(url, "Variables deleted")
    return hx.done("environments", "Variables deleted", url)

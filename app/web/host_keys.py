"""Known hosts, a part of the keys: by which public key the project knows an ssh server."""

from flask import Blueprint, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Project
from app.schemas.host_keys import HostKeyIn
from app.services import host_keys
from app.web import hx
from app.web.forms import Form
from app.web.rights import rights

bp = Blueprint("known", __name__, url_prefix="/known")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return hx.render(
        "access_keys/known.html",
        block="rows",
        project=project,
        hosts=host_keys.list_for(project),
        address=host_keys.address,
        fingerprint=host_keys.fingerprint,
        **rights(),
    )


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    return _form(project, Form(HostKeyIn))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    form = Form(HostKeyIn)
    if not form.submit(host_keys.pin, project, actor=current_user):
        return _form(project, form), form.status
    return hx.done("known", "Known hosts saved", _list(project))


@bp.get("/<id:host_key_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def ask(project: Project, host_key_id: int):
    host = host_keys.get(project, host_key_id)
    return hx.render(
        "access_keys/known_delete.html",
        block="dialog",
        project=project,
        host=host,
        name=host_keys.address(host),
    )


@bp.post("/<id:host_key_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, host_key_id: int):
    host_keys.delete(project, host_key_id, actor=current_user)
    return hx.done("known", "Known host deleted", _list(project))


def _form(project: Project, form: Form):
    return hx.render("access_keys/known_form.html", block="form", project=project, form=form)


def _list(project: Project) -> str:
    return url_for(".index", project_id=project.id)

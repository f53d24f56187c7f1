"""Known hosts, a part of the keys: by which public key the project knows an ssh server."""

from collections.abc import Sequence

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from pydantic_core import PydanticCustomError

from app.guard import Permission, requires
from app.models import Project
from app.schemas import host_keys as schema
from app.schemas.host_keys import HostKeyIn, Pin
from app.services import host_keys
from app.services.probes import State
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
    if request.form.get("do") == "scan":
        return _scan(project, form)
    if not form.submit(host_keys.pin, project, actor=current_user):
        return _form(project, form), form.status
    return hx.done("known", "Known hosts saved", _list(project))


@bp.get("/<id:host_key_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, host_key_id: int):
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


def _scan(project: Project, form: Form):
    """Ask a server for its keys: they become the lines, to be compared before they are pinned."""
    try:
        host, port = schema.address(request.form.get("address", "").strip())
    except PydanticCustomError as error:
        form.errors = {"address": error.message()}
        return _form(project, form), 422
    state = host_keys.scan(project, host, port)
    pins = host_keys.scanned(host, port, state)
    if state.is_done:
        form.values["lines"] = "\n".join(
            f"{host_keys.address(pin)} {pin.type} {pin.key}" for pin in pins
        )
    return _form(project, form, state, pins)


def _form(
    project: Project, form: Form, state: State | None = None, pins: Sequence[Pin] = ()
) -> Response:
    return hx.render(
        "access_keys/known_form.html",
        block="form",
        project=project,
        form=form,
        address=request.form.get("address", ""),
        state=state,
        found=[(pin.type, host_keys.fingerprint(pin)) for pin in pins],
    )


def _list(project: Project) -> str:
    return url_for(".index", project_id=project.id)

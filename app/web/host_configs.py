"""Host mappings, a part of the keys: which key a host or an address gets instead."""

from flask import Blueprint, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import AccessKeyType, HostConfig, Project
from app.schemas.host_configs import HostConfigIn
from app.services import access_keys, events, host_configs
from app.web import hx, key_types
from app.web.forms import Form
from app.web.rights import rights

bp = Blueprint("hosts", __name__, url_prefix="/hosts")

TYPES = {"host": "Host name", "url": "Address of repositories"}
LABELS = {"host": "Host or address", "ssh_key_id": "Key"}
FITTING = (AccessKeyType.SSH, AccessKeyType.LOGIN_PASSWORD)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return hx.render(
        "access_keys/hosts.html",
        block="rows",
        project=project,
        mappings=host_configs.list_for(project),
        types=TYPES,
        **rights(),
    )


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    return _form(project, Form(HostConfigIn, type="host"))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    form = Form(HostConfigIn)
    if not form.submit(host_configs.create, project, actor=current_user):
        return _form(project, form), form.status
    return hx.done("hosts", "Host mapping created", _list(project))


@bp.get("/<id:host_config_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, host_config_id: int):
    mapping = host_configs.get(project, host_config_id)
    return _form(project, Form(HostConfigIn, mapping), mapping)


@bp.post("/<id:host_config_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, host_config_id: int):
    mapping = host_configs.get(project, host_config_id)
    form = Form(HostConfigIn, mapping)
    if not form.submit(host_configs.update, project, host_config_id, actor=current_user):
        return _form(project, form, mapping), form.status
    return hx.done("hosts", "Host mapping saved", _list(project))


@bp.get("/<id:host_config_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, host_config_id: int):
    mapping = host_configs.get(project, host_config_id)
    return hx.render(
        "access_keys/host_delete.html", block="dialog", project=project, mapping=mapping
    )


@bp.post("/<id:host_config_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, host_config_id: int):
    host_configs.delete(project, host_config_id, actor=current_user)
    return hx.done("hosts", "Host mapping deleted", _list(project))


def _form(project: Project, form: Form, mapping: HostConfig | None = None):
    keys = access_keys.list_for(project)
    stale = bool(form.theirs and mapping)
    if "ssh_key_id" in form.theirs and mapping:
        form.theirs["ssh_key_id"] = mapping.ssh_key.name
    return hx.render(
        "access_keys/host_form.html",
        block="form",
        project=project,
        mapping=mapping,
        form=form,
        types=TYPES,
        keys=key_types.options(keys, FITTING, form.values["ssh_key_id"]),
        change=events.last_of(mapping) if mapping and stale else None,
        labels=LABELS,
    )


def _list(project: Project) -> str:
    return url_for(".index", project_id=project.id)

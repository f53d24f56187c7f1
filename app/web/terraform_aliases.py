"""The addresses of the state of a workspace: made with a key, and taken away."""

from flask import Blueprint, Response
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Project, TerraformAlias
from app.schemas.terraform_states import StateAliasIn
from app.services import access_keys, terraform_aliases
from app.urls import public
from app.web import key_types
from app.web.dialogs import Dialogs
from app.web.forms import Form
from app.web.state_dialogs import opened

bp = Blueprint("aliases", __name__, url_prefix="/address")


def url_of(row: TerraformAlias) -> str:
    """The address as a tool needs it."""
    return public("api_terraform_backend.read", address=row.alias)


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project, inventory_id: int):
    _, dialogs = opened(project, inventory_id)
    return _sheet(project, dialogs, Form(StateAliasIn))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project, inventory_id: int):
    workspace, dialogs = opened(project, inventory_id)
    form = Form(StateAliasIn)
    if not form.submit(
        lambda data: terraform_aliases.create(
            project, workspace, data.auth_key_id, actor=current_user
        )
    ):
        return _sheet(project, dialogs, form), form.status
    return dialogs.done("Address created")


@bp.get("/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, inventory_id: int, alias_id: int):
    workspace, dialogs = opened(project, inventory_id)
    alias = terraform_aliases.by_id(workspace, alias_id)
    return dialogs.question("inventories/state_address_delete.html", alias=alias)


@bp.post("/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, inventory_id: int, alias_id: int):
    workspace, dialogs = opened(project, inventory_id)
    terraform_aliases.delete(terraform_aliases.by_id(workspace, alias_id), actor=current_user)
    return dialogs.done("Address deleted")


def _sheet(project: Project, dialogs: Dialogs, form: Form) -> Response:
    keys = access_keys.list_for(project)
    return dialogs.sheet(
        "inventories/state_address.html",
        form=form,
        keys=key_types.options(keys, key_types.VAULTS, form.values["auth_key_id"]),
    )

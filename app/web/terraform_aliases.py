"""The addresses of the state of a workspace: made with a key, and taken away."""

from flask import Blueprint, Response, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Inventory, Project, TerraformAlias
from app.schemas.terraform_states import StateAliasIn
from app.services import access_keys, terraform_aliases, terraform_states
from app.urls import public
from app.web import hx, key_types
from app.web.forms import Form

bp = Blueprint("aliases", __name__, url_prefix="/address")


def url_of(row: TerraformAlias) -> str:
    """The address as a tool needs it."""
    return public("api_terraform_backend.read", address=row.alias)


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project, inventory_id: int):
    workspace = terraform_states.workspace(project, inventory_id)
    return _page(project, workspace, Form(StateAliasIn))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project, inventory_id: int):
    workspace, form = terraform_states.workspace(project, inventory_id), Form(StateAliasIn)
    if not form.submit(
        lambda data: terraform_aliases.create(
            project, workspace, data.auth_key_id, actor=current_user
        )
    ):
        return _page(project, workspace, form), form.status
    return hx.done("inventories", "Address created", _url(workspace))


@bp.get("/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, inventory_id: int, alias_id: int):
    workspace = terraform_states.workspace(project, inventory_id)
    return hx.render(
        "inventories/state_address_delete.html",
        block="dialog",
        project=project,
        inventory=workspace,
        alias=terraform_aliases.by_id(workspace, alias_id),
        at=_url(workspace),
    )


@bp.post("/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, inventory_id: int, alias_id: int):
    workspace = terraform_states.workspace(project, inventory_id)
    terraform_aliases.delete(terraform_aliases.by_id(workspace, alias_id), actor=current_user)
    return hx.done("inventories", "Address deleted", _url(workspace))


def _page(project: Project, workspace: Inventory, form: Form) -> Response:
    keys = access_keys.list_for(project)
    return hx.render(
        "inventories/state_address.html",
        block="form",
        project=project,
        inventory=workspace,
        form=form,
        keys=key_types.options(keys, key_types.VAULTS, form.values["auth_key_id"]),
        at=_url(workspace),
    )


def _url(workspace: Inventory) -> str:
    return url_for(
        "inventories.states.index", project_id=workspace.project_id, inventory_id=workspace.id
    )

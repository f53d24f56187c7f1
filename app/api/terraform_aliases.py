"""The addresses at which tools outside of runs find the state of a workspace."""

from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all
from app.guard import Permission, requires
from app.models import Project, TerraformAlias
from app.schemas.terraform_states import StateAliasIn, StateAliasOut
from app.services import terraform_aliases, terraform_states
from app.urls import public

bp = Blueprint(
    "api_terraform_aliases",
    __name__,
    url_prefix="/project/<id:project_id>/inventory/<id:inventory_id>/terraform/aliases",
)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, inventory_id: int):
    workspace = terraform_states.workspace(project, inventory_id)
    return dump_all(StateAliasOut, [_shown(row) for row in terraform_aliases.list_for(workspace)])


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project, inventory_id: int):
    """Make an address, opened by the login and password of a key."""
    workspace, data = terraform_states.workspace(project, inventory_id), body(StateAliasIn)
    row = terraform_aliases.create(project, workspace, data.auth_key_id, actor=current_user)
    return dump(StateAliasOut, _shown(row), 201)


@bp.get("/<state_alias>")
@requires(Permission.VIEW)
def show(project: Project, inventory_id: int, state_alias: str):
    workspace = terraform_states.workspace(project, inventory_id)
    return dump(StateAliasOut, _shown(terraform_aliases.get(workspace, state_alias)))


@bp.put("/<state_alias>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, inventory_id: int, state_alias: str):
    """Give it another key."""
    workspace, data = terraform_states.workspace(project, inventory_id), body(StateAliasIn)
    row = terraform_aliases.get(workspace, state_alias)
    terraform_aliases.change_key(project, row, data.auth_key_id, actor=current_user)
    return dump(StateAliasOut, _shown(row))


@bp.delete("/<state_alias>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, inventory_id: int, state_alias: str):
    workspace = terraform_states.workspace(project, inventory_id)
    terraform_aliases.delete(terraform_aliases.get(workspace, state_alias), actor=current_user)
    return done()


def _shown(row: TerraformAlias) -> StateAliasOut:
    return StateAliasOut(
        id=row.alias,
        url=public("api_terraform_backend.read", address=row.alias),
        project_id=row.project_id,
        inventory_id=row.inventory_id,
        auth_key_id=row.auth_key_id,
    )

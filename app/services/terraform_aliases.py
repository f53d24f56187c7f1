"""Addresses of the states of workspaces, for tools outside of runs: each with a key's login."""

from collections.abc import Iterator

from sqlalchemy import select

from app.db import db
from app.errors import Invalid, NotFound
from app.models import AccessKey, AccessKeyType, Inventory, Project, TerraformAlias, User
from app.services import access_keys, events
from app.services.integration_aliases import random_name


def list_for(workspace: Inventory) -> list[TerraformAlias]:
    query = select(TerraformAlias).filter_by(inventory_id=workspace.id)
    return list(db.session.scalars(query.order_by(TerraformAlias.id)))


def get(workspace: Inventory, name: str) -> TerraformAlias:
    """Raises NotFound, also for the address of another workspace."""
    return _found(row for row in list_for(workspace) if row.alias == name)


def by_id(workspace: Inventory, alias_id: int) -> TerraformAlias:
    """The same by its number."""
    return _found(row for row in list_for(workspace) if row.id == alias_id)


def create(
    project: Project, workspace: Inventory, auth_key_id: int | None, *, actor: User | None
) -> TerraformAlias:
    """Make an address that nobody can guess. Raises Invalid (`auth_key_id`)."""
    key = _key(project, auth_key_id)
    return _add(workspace, key, random_name(), "got an address of its state", actor)


def bring_back(
    workspace: Inventory, name: str, key: AccessKey, *, actor: User | None
) -> TerraformAlias:
    """Make an address that a backup names; one that is taken on this server gets another name.

    Raises Invalid for an inventory of hosts.
    """
    if not workspace.is_workspace:
        raise Invalid({"state_aliases": "Only a workspace has a state"})
    if db.session.scalar(select(TerraformAlias.id).filter_by(alias=name)) is None:
        return _add(workspace, key, name, "got an address of its state", actor)
    verb = "got a new address of its state: the old one is taken on this server"
    return _add(workspace, key, random_name(), verb, actor)


def change_key(
    project: Project, row: TerraformAlias, auth_key_id: int | None, *, actor: User | None
) -> TerraformAlias:
    """Let the login of another key in, and that of the one before no more. Raises Invalid."""
    row.auth_key = _key(project, auth_key_id)
    row.auth_key_id = row.auth_key.id  # the answer shows it before it is stored
    verb = f"has another key for an address of its state: {row.auth_key.name}"
    events.record(project.id, actor, _workspace(row), verb)
    return row


def delete(row: TerraformAlias, *, actor: User | None) -> None:
    """Nobody gets to the state by it from now on."""
    events.record(row.project_id, actor, _workspace(row), "lost an address of its state")
    db.session.delete(row)


def _found(rows: Iterator[TerraformAlias]) -> TerraformAlias:
    if row := next(rows, None):
        return row
    raise NotFound("This address does not exist here")


def _add(
    workspace: Inventory, key: AccessKey, name: str, verb: str, actor: User | None
) -> TerraformAlias:
    row = TerraformAlias(
        project_id=workspace.project_id, inventory_id=workspace.id, auth_key=key, alias=name
    )
    db.session.add(row)
    db.session.flush()  # The answer shows its id.
    events.record(workspace.project_id, actor, workspace, verb)
    return row


def _key(project: Project, auth_key_id: int | None) -> AccessKey:
    key = access_keys.require(project, "auth_key_id", auth_key_id)
    if key.type != AccessKeyType.LOGIN_PASSWORD:
        raise Invalid({"auth_key_id": "Choose a key with a login and a password (login_password)"})
    return key


def _workspace(row: TerraformAlias) -> Inventory:
    return db.session.get_one(Inventory, row.inventory_id)

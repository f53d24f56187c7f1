"""The versions of the state of a workspace, and its lock."""

from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all
from app.db import transaction
from app.errors import Invalid, NotFound
from app.guard import Permission, requires
from app.models import Inventory, Project, TerraformState
from app.schemas.terraform_states import (
    LockOut,
    StateChangeOut,
    StateOut,
    UnlockIn,
    WholeStateOut,
)
from app.services import terraform_locks, terraform_states
from app.urls import number

bp = Blueprint(
    "api_terraform_states",
    __name__,
    url_prefix="/project/<id:project_id>/inventory/<id:inventory_id>/terraform",
)


@bp.get("/states")
@requires(Permission.VIEW)
def index(project: Project, inventory_id: int):
    """Its versions, newest first, without what is in them."""
    workspace = terraform_states.workspace(project, inventory_id)
    return dump_all(StateOut, list(terraform_states.list_for(workspace)))


@bp.get("/states/latest")
@requires(Permission.MANAGE_RESOURCES, transaction=False)  # a view that reads could not record it
def latest(project: Project, inventory_id: int):
    """The state as it is. It holds secrets in clear text; the activity tells who has read it."""
    with transaction():
        workspace = terraform_states.workspace(project, inventory_id)
        return dump(WholeStateOut, _whole(workspace, terraform_states.latest(workspace)))


@bp.get("/states/<id:state_id>")
@requires(Permission.MANAGE_RESOURCES, transaction=False)
def show(project: Project, inventory_id: int, state_id: int):
    """A version with what is in it, secrets in clear text; the activity tells who has read it."""
    with transaction():
        workspace = terraform_states.workspace(project, inventory_id)
        return dump(WholeStateOut, _whole(workspace, terraform_states.get(workspace, state_id)))


@bp.delete("/states/<id:state_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, inventory_id: int, state_id: int):
    """Delete an older version; of the current one say that there is no state any more."""
    workspace = terraform_states.workspace(project, inventory_id)
    terraform_states.delete(workspace, state_id, actor=current_user)
    return done()


@bp.post("/states/<id:state_id>/current")
@requires(Permission.MANAGE_RESOURCES)
def make_current(project: Project, inventory_id: int, state_id: int):
    """Make an older version current again, as a new one; no body is needed."""
    workspace = terraform_states.workspace(project, inventory_id)
    found = terraform_states.make_current(workspace, state_id, actor=current_user)
    return dump(StateOut, found, 201)


@bp.get("/states/<id:state_id>/changes")
@requires(Permission.MANAGE_RESOURCES)
def changes(project: Project, inventory_id: int, state_id: int):
    """What differs from the version `since`: resources and outputs, sensitive values hidden."""
    workspace = terraform_states.workspace(project, inventory_id)
    since = number("since")
    if since is None:
        raise Invalid({"since": "Name the version to compare it with"})
    before, after = (terraform_states.get(workspace, one) for one in (since, state_id))
    return dump_all(StateChangeOut, list(terraform_states.compare(before, after).changes))


@bp.get("/lock")
@requires(Permission.VIEW)
def lock(project: Project, inventory_id: int):
    """Who works with the state; 404 while nobody does."""
    workspace = terraform_states.workspace(project, inventory_id)
    row = terraform_locks.of(workspace.id)
    if row is None:
        raise NotFound("The state is not locked")
    return dump(LockOut, row)


@bp.post("/unlock")
@requires(Permission.MANAGE_RESOURCES)
def unlock(project: Project, inventory_id: int):
    """Take the lock away from whoever holds it; the activity tells why."""
    workspace = terraform_states.workspace(project, inventory_id)
    terraform_locks.force(workspace, body(UnlockIn).reason, actor=current_user)
    return done()


def _whole(workspace: Inventory, row: TerraformState) -> WholeStateOut:
    known = {name: getattr(row, name) for name in StateOut.model_fields}
    text = terraform_states.hand_out(workspace, row, actor=current_user)
    return WholeStateOut.model_validate(known | {"state": text})

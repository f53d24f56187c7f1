"""The state of a workspace: its versions, who works with it, and its addresses."""

from flask import Blueprint, Response
from flask_login import current_user

from app.db import transaction
from app.downloads import attachment
from app.errors import Invalid, NotFound
from app.guard import Permission, requires
from app.models import Inventory, Project
from app.schemas.terraform_states import UnlockIn
from app.services import terraform_aliases, terraform_locks, terraform_states
from app.urls import number
from app.web import hx, plan_words
from app.web import terraform_aliases as alias_pages
from app.web.dialogs import Dialogs
from app.web.forms import Form
from app.web.inventory_tabs import tab_of
from app.web.state_dialogs import opened

bp = Blueprint("states", __name__, url_prefix="/<id:inventory_id>/state")
bp.register_blueprint(alias_pages.bp)

MOST_SHOWN = 200  # changes between two versions


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, inventory_id: int):
    workspace = terraform_states.workspace(project, inventory_id)
    versions, lock = terraform_states.list_for(workspace), terraform_locks.of(workspace.id)
    return tab_of(
        project,
        workspace,
        "State",
        versions=versions,
        has_state=bool(versions) and not versions[0].is_gone,
        comparable=[row for row in versions if not row.is_gone and row.resources is not None],
        lock=lock,
        is_stale=lock is not None and terraform_locks.has_ended(lock),
        addresses=[
            {"id": row.id, "key": row.auth_key.name, "url": alias_pages.url_of(row)}
            for row in terraform_aliases.list_for(workspace)
        ],
    )


@bp.get("/<id:state_id>/download")
@requires(Permission.MANAGE_RESOURCES, transaction=False)  # a view that reads could not record it
def download(project: Project, inventory_id: int, state_id: int):
    """A version as the tool has sent it; its secrets are in clear text."""
    with transaction():
        workspace = terraform_states.workspace(project, inventory_id)
        row = terraform_states.get(workspace, state_id)
        text = terraform_states.hand_out(workspace, row, actor=current_user)
    name = f"{workspace.inventory.strip() or 'default'}-{row.serial}.tfstate"
    return attachment(name, text, "application/json")


@bp.get("/compare")
@requires(Permission.MANAGE_RESOURCES)
def compare(project: Project, inventory_id: int):
    """From version `a` to version `b`; without `a` from the one before."""
    workspace = terraform_states.workspace(project, inventory_id)
    choices = [row for row in terraform_states.list_for(workspace) if not row.is_gone]
    after = terraform_states.get(workspace, number("b") or 0)
    older = next((row.id for row in choices if row.id < after.id), after.id)
    before = terraform_states.get(workspace, number("a") or older)
    try:
        found, flaw = terraform_states.compare(before, after), ""
    except Invalid as error:
        found, flaw = None, error.fields["form"]
    shown = found.changes[:MOST_SHOWN] if found else ()
    return hx.render(
        "inventories/state_compare.html",
        block="detail",
        project=project,
        inventory=workspace,
        choices=[(row.id, f"{row.id} (serial {row.serial})") for row in choices],
        before=before,
        after=after,
        flaw=flaw,
        summary=plan_words.sentence(found.counts, is_done=True) if found else "",
        changes=[(one, [plan_words.row(part) for part in one.attributes]) for one in shown],
        more=len(found.changes) - len(shown) if found else 0,
        acts=plan_words.ACTS,
    )


@bp.get("/<id:state_id>/<any(current, delete):act>")
@requires(Permission.MANAGE_RESOURCES)
def confirm(project: Project, inventory_id: int, state_id: int, act: str):
    """The question before an older version is made current, or one goes away."""
    workspace, dialogs = opened(project, inventory_id)
    last = terraform_states.newest(workspace.id)
    return dialogs.question(
        "inventories/state_ask.html",
        version=terraform_states.get(workspace, state_id),
        act=act,
        is_current=last is not None and last.id == state_id,
    )


@bp.post("/<id:state_id>/current")
@requires(Permission.MANAGE_RESOURCES)
def make_current(project: Project, inventory_id: int, state_id: int):
    workspace, dialogs = opened(project, inventory_id)
    terraform_states.make_current(workspace, state_id, actor=current_user)
    return dialogs.done("State version is current again")


@bp.post("/<id:state_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, inventory_id: int, state_id: int):
    workspace, dialogs = opened(project, inventory_id)
    terraform_states.delete(workspace, state_id, actor=current_user)
    return dialogs.done("State version deleted")


@bp.get("/unlock")
@requires(Permission.MANAGE_RESOURCES)
def ask_unlock(project: Project, inventory_id: int):
    workspace, dialogs = opened(project, inventory_id)
    return _unlock(workspace, dialogs, Form(UnlockIn))


@bp.post("/unlock")
@requires(Permission.MANAGE_RESOURCES)
def unlock(project: Project, inventory_id: int):
    """Take the lock away from whoever holds it, with a reason."""
    workspace, dialogs = opened(project, inventory_id)
    form = Form(UnlockIn)
    if not form.submit(
        lambda data: terraform_locks.force(workspace, data.reason, actor=current_user)
    ):
        return _unlock(workspace, dialogs, form), form.status
    return dialogs.done("State unlocked")


def _unlock(workspace: Inventory, dialogs: Dialogs, form: Form) -> Response:
    lock = terraform_locks.of(workspace.id)
    if lock is None:
        raise NotFound("The state is not locked")
    return dialogs.sheet(
        "inventories/state_unlock.html",
        lock=lock,
        is_stale=terraform_locks.has_ended(lock),
        form=form,
    )

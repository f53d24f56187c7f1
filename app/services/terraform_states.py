"""The states of workspaces: every version encrypted, the newest one counts.

A delete is a version as well, so that nothing is lost by it; what is too old goes with the next
version. All that writes holds the workspace's row: one after the other.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import zstandard
from sqlalchemy import delete as delete_rows
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.errors import Busy, DomainError, Invalid, NotFound, Unavailable
from app.extensions import settings
from app.lib import state_changes, state_file
from app.lib.keyring import KeyringError
from app.lib.plan_changes import PlanChanges
from app.lib.state_file import StateFile, Unreadable
from app.models import Inventory, Project, TaskTemplate, TerraformLock, TerraformState, User
from app.services import events, secrets, terraform_locks
from app.services.references import get_owned, hold
from app.services.terraform_access import Caller
from app.services.terraform_locks import TooLarge

LARGEST_PACKED = 6 << 20  # bytes; encrypted they have to fit into one packet of MySQL
LATEST = "latest"
ENCRYPTED = "The tool has encrypted this state: what is in it cannot be told here"


class OutOfLine(DomainError):
    """A state that knows nothing of the one that is here, which it would lose."""

    status = page_status = 409


class Kept(NamedTuple):
    """A workspace with its current state and its lock, as far as there are any."""

    workspace: Inventory
    state: TerraformState | None
    lock: TerraformLock | None


def workspace(project: Project, inventory_id: int) -> Inventory:
    """Raises NotFound for an inventory of hosts, too."""
    found = get_owned(Inventory, project, inventory_id)
    if not found.is_workspace:
        raise NotFound(f"Inventory {inventory_id} is no workspace")
    return found


def list_for(workspace: Inventory) -> Sequence[TerraformState]:
    """All versions, the newest first; deletes among them."""
    query = select(TerraformState).options(joinedload(TerraformState.user))
    query = query.where(TerraformState.inventory_id == workspace.id)
    return db.session.scalars(query.order_by(TerraformState.id.desc())).all()


def of_template(template: TaskTemplate) -> list[Kept]:
    """The workspaces that a template holds, its own first, with what is kept of each."""
    holds = Inventory.template_id == template.id, Inventory.id == template.inventory_id
    query = select(Inventory).where(Inventory.project_id == template.project_id, or_(*holds))
    rows = [row for row in db.session.scalars(query.order_by(Inventory.id)) if row.is_workspace]
    rows.sort(key=lambda row: row.id != template.inventory_id)
    return [Kept(row, newest(row.id), terraform_locks.of(row.id)) for row in rows]


def newest(inventory_id: int) -> TerraformState | None:
    """The version that counts; None where there is none, or it was deleted."""
    query = select(TerraformState).filter_by(inventory_id=inventory_id)
    row = db.session.scalar(query.order_by(TerraformState.id.desc()).limit(1))
    return None if row is None or row.is_gone else row


def get(workspace: Inventory, state_id: int) -> TerraformState:
    """A version. Raises NotFound, also for a delete, which has nothing in it."""
    query = select(TerraformState).filter_by(inventory_id=workspace.id, id=state_id)
    row = db.session.scalar(query)
    if row is None or row.is_gone:
        raise NotFound(f"State version {state_id} does not exist in this workspace")
    return row


def latest(workspace: Inventory) -> TerraformState:
    """Raises NotFound where there is no state."""
    if row := newest(workspace.id):
        return row
    raise NotFound("This workspace has no state")


def text_of(row: TerraformState) -> str:
    """The state as the tool has sent it. Raises Unavailable where it cannot be decrypted."""
    try:
        packed = base64.b64decode(secrets.decrypt(row.secret or "", _context(row)))
    except KeyringError as error:
        raise Unavailable(f"State version {row.id} cannot be decrypted: {error}") from error
    return zstandard.decompress(packed).decode()


def hand_out(workspace: Inventory, row: TerraformState, *, actor: User | None) -> str:
    """The same for a person: the activity tells who has had the secrets in it."""
    text = text_of(row)
    verb = f"gave out its state: version {row.id} (serial {row.serial})"
    events.record(row.project_id, actor, workspace, verb)
    return text


def read(caller: Caller) -> str | None:
    """The state as it is; None where there is none. Raises Unavailable."""
    row = newest(caller.inventory_id)
    return text_of(row) if row else None


def write(caller: Caller, body: bytes, lock_id: str) -> None:
    """Keep what a tool has sent as the next version; the same once more is no new one.

    Raises TooLarge, Invalid (`state`) for what is no state, Locked, and OutOfLine for one that
    does not follow the last one.
    """
    if len(body) > settings().STATE_MB << 20:
        raise TooLarge(f"The state is larger than {settings().STATE_MB} MB (HELIOGRAPH_STATE_MB)")
    try:
        state = state_file.parse(body)
    except Unreadable as error:
        raise Invalid({"state": str(error)}) from error
    terraform_locks.enter(caller)
    terraform_locks.check(caller, lock_id)
    last = newest(caller.inventory_id)
    if last and _is_same(last, state):
        return
    if last:
        _refuse_other_line(last, state)
    row = TerraformState(
        project_id=caller.project_id,
        inventory_id=caller.inventory_id,
        task_id=caller.task_id,
        alias=caller.alias,
    )
    _keep(row, state)


def remove(caller: Caller, lock_id: str) -> None:
    """Let there be no state any more; its versions stay. Raises Locked."""
    terraform_locks.enter(caller)
    terraform_locks.check(caller, lock_id)
    if last := newest(caller.inventory_id):
        _bury(last, task_id=caller.task_id, alias=caller.alias)


def make_current(workspace: Inventory, state_id: int, *, actor: User | None) -> TerraformState:
    """Repeat an older version as the newest one, with the number after the last one's.

    Raises Busy while it is locked, and Invalid for one that cannot get another number.
    """
    hold(workspace)
    row = get(workspace, state_id)
    _refuse_while_locked(workspace)
    last = newest(workspace.id)
    if last and last.id == row.id:
        raise Invalid({"state_id": "It is the current one"})
    if row.resources is None:
        raise Invalid({"state_id": ENCRYPTED})
    text = text_of(row)
    if last and last.serial >= row.serial:
        text = _numbered(text, last.serial + 1)
    again = TerraformState(
        project_id=row.project_id,
        inventory_id=row.inventory_id,
        user_id=actor.id if actor else None,
        restored_id=row.id,
    )
    _keep(again, state_file.parse(text.encode()))
    verb = f"has state version {row.id} again, as version {again.id}"
    events.record(row.project_id, actor, workspace, verb)
    return again


def delete(workspace: Inventory, state_id: int, *, actor: User | None) -> None:
    """Delete an older version for good; the current one becomes "no state", and stays a version.

    Raises Busy for the current one while it is locked.
    """
    hold(workspace)
    row = get(workspace, state_id)
    last = newest(workspace.id)
    if last and last.id == row.id:
        _refuse_while_locked(workspace)
        _bury(row, user_id=actor.id if actor else None)
        events.record(row.project_id, actor, workspace, f"lost its state (version {row.id})")
        return
    events.record(row.project_id, actor, workspace, f"lost state version {row.id}")
    db.session.delete(row)


def compare(before: TerraformState, after: TerraformState) -> PlanChanges:
    """What differs, sensitive values hidden. Raises Invalid for encrypted ones."""
    if before.resources is None or after.resources is None:
        raise Invalid({"form": ENCRYPTED})
    return state_changes.compare(*(state_file.load(text_of(row)) for row in (before, after)))


def _keep(row: TerraformState, state: StateFile) -> None:
    packed = zstandard.compress(state.text.encode())
    if len(packed) > LARGEST_PACKED:
        raise TooLarge(f"The state takes more than {LARGEST_PACKED >> 20} MB when it is compressed")
    row.serial, row.lineage = state.serial, state.lineage
    row.size, row.resources = len(state.text.encode()), state.resources
    row.sha256 = _digest(state)
    db.session.add(row)
    db.session.flush()  # The secret is bound to the id.
    row.secret = secrets.encrypt(base64.b64encode(packed).decode(), _context(row))
    _drop_the_oldest(row.inventory_id)


def _bury(last: TerraformState, *, task_id: int | None = None, user_id: int | None = None,
          alias: str = "") -> None:  # fmt: skip
    db.session.add(
        TerraformState(
            project_id=last.project_id,
            inventory_id=last.inventory_id,
            serial=last.serial,
            lineage=last.lineage,
            size=0,
            sha256="",
            resources=0,
            is_gone=True,
            task_id=task_id,
            user_id=user_id,
            alias=alias,
        )
    )
    db.session.flush()  # The oldest are counted with it.
    _drop_the_oldest(last.inventory_id)


def _numbered(text: str, serial: int) -> str:
    try:
        return state_file.with_serial(text, serial)
    except Unreadable as error:
        raise Invalid({"state_id": str(error)}) from error


def _drop_the_oldest(inventory_id: int) -> None:
    mine = TerraformState.inventory_id == inventory_id
    ids = select(TerraformState.id).where(mine).order_by(TerraformState.id.desc())
    oldest = db.session.scalar(ids.offset(settings().STATE_VERSIONS - 1).limit(1))
    if oldest is not None:
        db.session.execute(delete_rows(TerraformState).where(mine, TerraformState.id < oldest))


def _is_same(last: TerraformState, state: StateFile) -> bool:
    return (last.serial, last.sha256) == (state.serial, _digest(state))


def _refuse_other_line(last: TerraformState, state: StateFile) -> None:
    if state.lineage != last.lineage:
        raise OutOfLine(f"lineage: It is another state than the one here ({last.lineage})")
    if state.serial <= last.serial:
        raise OutOfLine(f"serial: It does not follow the one here ({last.serial})")


def _refuse_while_locked(workspace: Inventory) -> None:
    if row := terraform_locks.of(workspace.id):
        raise Busy(f"The state is locked by {row.who or 'somebody'}: wait, or unlock it")


def _digest(state: StateFile) -> str:
    return hashlib.sha256(state.text.encode()).hexdigest()


def _context(row: TerraformState) -> str:
    return secrets.context("terraform_state", row.id)

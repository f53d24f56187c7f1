"""What the plans of runs change: rows to look through, and their attributes, encrypted.

The tool's sensitive values are gone before anything comes here; what is a secret of the run is
masked here, as it is in the log.
"""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import zstandard
from sqlalchemy import ColumnElement, Select, delete, func, insert, select

from app.db import db
from app.errors import NotFound
from app.lib.plan_changes import Change, PlanChanges
from app.lib.plan_counts import OUTPUT
from app.lib.plan_values import Attribute
from app.models import Task, TaskPlan, TaskPlanChange, TaskPlanPiece
from app.services import secrets, task_plans, task_states
from app.services.task_results import masked

SIZE = 40  # changes of a page: each has eight nodes
PIECE = 50  # changes whose attributes are encrypted together
OPENED, OPENED_TEXT = 400, 200_000  # attributes, and their characters, that are opened together
SHORT = 200  # characters of the attributes that force a replacement

Mask = Callable[[str], str]


@dataclass(frozen=True)
class Page:
    """Some changes; `total` match. It is page `number` of `last`."""

    rows: Sequence[TaskPlanChange]
    total: int
    number: int
    last: int


@dataclass(frozen=True)
class Detail:
    """The attributes of one change; `same` stay, `is_cut`: there are more than these."""

    attributes: Sequence[Attribute] = ()
    same: int = 0
    imported: str = ""
    is_cut: bool = False


def keep(
    task: Task, claim: str, mask: Mask, *, sha256: str, line: int, changes: PlanChanges | None
) -> None:
    """Store what a run that is held under `claim` has told of its plan, in the caller's
    transaction.

    What it has told before is replaced. Raises Fenced if the run is somebody else's.
    """
    task_states.hold(task.id, claim)
    row = task_plans.of(task) or TaskPlan(task_id=task.id, project_id=task.project_id)
    row.sha256, row.line = sha256, line
    row.counts = dict(changes.counts) if changes else None
    row.secret = row.expires = row.decided = row.user_id = row.comment = None
    db.session.add(row)
    for table in (TaskPlanChange, TaskPlanPiece):
        db.session.execute(delete(table).where(table.task_id == task.id))
    found = changes.changes if changes else ()
    if found:
        rows = [_row(task, seq, change, mask) for seq, change in enumerate(found, 1)]
        db.session.execute(insert(TaskPlanChange), rows)
        _seal(task, list(_details(found, mask)))


def find(task: Task, *, text: str = "", action: str = "", number: int = 1) -> Page:
    """A page of the changes of this action ("": of any) with `text` in an address of theirs.

    Instead of a page that does not exist it is the nearest that does.
    """
    query = _matching(task, text, action)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    last = max(1, -(-total // SIZE))
    number = min(max(1, number), last)
    shown = query.order_by(TaskPlanChange.seq).offset((number - 1) * SIZE).limit(SIZE)
    return Page(db.session.scalars(shown).all(), total, number, last)


def get(task: Task, seq: int) -> TaskPlanChange:
    """A change of the run's plan. Raises NotFound."""
    found = db.session.get(TaskPlanChange, (task.id, seq))
    if found is None:
        raise NotFound(f"The plan of run {task.id} has no change {seq}")
    return found


def page_of(change: TaskPlanChange) -> int:
    """The number of the page that has the change, where nothing is filtered."""
    return (change.seq - 1) // SIZE + 1


def detail(change: TaskPlanChange) -> Detail | None:
    """Its attributes; None where a backup has left them out. Raises KeyringError."""
    return _details_of([change])[change.seq]


def opened(changes: Sequence[TaskPlanChange]) -> dict[int, Detail | None]:
    """By its number, the attributes of each of a page's changes that fits into what a page may
    show at once. Raises KeyringError."""
    found: dict[int, Detail | None] = {}
    attributes, characters = OPENED, OPENED_TEXT
    for seq, one in _details_of(changes).items():
        shown = one.attributes if one else ()
        size = sum(len(str(side)) for each in shown for side in (each.before, each.after))
        if len(shown) <= attributes and size <= characters:
            attributes, characters = attributes - len(shown), characters - size
            found[seq] = one
    return found


def _details_of(changes: Sequence[TaskPlanChange]) -> dict[int, Detail | None]:
    """Of changes of one plan; each piece is decrypted once."""
    if not changes:
        return {}
    numbers = {(change.seq - 1) // PIECE for change in changes}
    of_task = TaskPlanPiece.task_id == changes[0].task_id
    rows = db.session.scalars(select(TaskPlanPiece).where(of_task, TaskPlanPiece.seq.in_(numbers)))
    pieces = {row.seq: _unsealed(row) for row in rows if row.secret is not None}
    found: dict[int, Detail | None] = {}
    for change in changes:
        number, place = divmod(change.seq - 1, PIECE)
        found[change.seq] = _detail(*pieces[number][place]) if number in pieces else None
    return found


def _unsealed(piece: TaskPlanPiece) -> list[Any]:
    packed = base64.b64decode(secrets.decrypt(piece.secret or "", _context(piece)))
    return list(json.loads(zstandard.decompress(packed)))


def _detail(attributes: list[Any], same: int, imported: str, is_cut: bool) -> Detail:
    return Detail([Attribute(*one) for one in attributes], same, imported, is_cut)


def _row(task: Task, seq: int, change: Change, mask: Mask) -> dict[str, Any]:
    forcing = ", ".join(one.path for one in change.attributes if one.forces)
    return {
        "task_id": task.id,
        "seq": seq,
        "kind": change.kind[:16],
        "action": change.action,
        "address": mask(change.address),
        "type": mask(change.type),
        "module": mask(change.module),
        "reason": mask(change.reason)[:64],
        "forced_by": mask(forcing)[:SHORT],
        "moved_from": mask(change.moved_from),
        "is_imported": bool(change.imported),
        "attributes": len(change.attributes),
    }


def _details(changes: Sequence[Change], mask: Mask) -> Iterator[list[Any]]:
    for one in changes:
        yield [masked(one.attributes, mask), one.same, mask(one.imported), one.is_cut]


def _seal(task: Task, details: list[list[Any]]) -> None:
    pieces = [
        TaskPlanPiece(task_id=task.id, project_id=task.project_id, seq=number)
        for number in range(-(-len(details) // PIECE))
    ]
    db.session.add_all(pieces)
    db.session.flush()  # What follows is bound to their ids.
    packer = zstandard.ZstdCompressor(level=3)
    for piece in pieces:
        part = details[piece.seq * PIECE : (piece.seq + 1) * PIECE]
        packed = packer.compress(json.dumps(part, separators=(",", ":")).encode())
        piece.secret = secrets.encrypt(base64.b64encode(packed).decode(), _context(piece))


def _matching(task: Task, text: str, action: str) -> Select[Any]:
    query: Select[Any] = select(TaskPlanChange).where(TaskPlanChange.task_id == task.id)
    if action:
        query = query.where(_does(action))
    if text:
        places = (TaskPlanChange.address, TaskPlanChange.moved_from)
        found = [place.icontains(text, autoescape=True) for place in places]
        query = query.where(found[0] | found[1])
    return query


def _does(action: str) -> ColumnElement[bool]:
    is_output = TaskPlanChange.kind == OUTPUT
    if action == OUTPUT:
        return is_output
    if action == "move":
        return TaskPlanChange.moved_from != ""
    if action == "import":
        return TaskPlanChange.is_imported.is_(True)
    return (TaskPlanChange.action == action) & ~is_output


def _context(piece: TaskPlanPiece) -> str:
    return secrets.context("task_plan_piece", piece.id)

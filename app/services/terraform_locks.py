"""Who works with the state of a workspace: one at a time, as Terraform's http backend asks."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import db
from app.errors import DomainError, Invalid, NotFound
from app.models import FINISHED, Inventory, Task, TerraformLock, User
from app.services import events
from app.services.references import hold
from app.services.terraform_access import Caller

LARGEST = 16 << 10  # bytes of what a tool tells of its lock
LONGEST = 255  # characters of one of its fields


class TooLarge(DomainError):
    """More than is taken; the text says how much that is."""

    status = page_status = 413


class Locked(DomainError):
    """Somebody else has the state; `info` is what his tool has told of him, as JSON."""

    status = page_status = 423

    def __init__(self, row: TerraformLock) -> None:
        super().__init__(f"The state is locked by {row.who or 'somebody'} (lock {row.lock_id})")
        self.info = row.info


class NotHeld(DomainError):
    """The lock that should be released is not the one that holds."""

    status = page_status = 409


@dataclass(frozen=True)
class Asked:
    """What a tool sends with LOCK and UNLOCK."""

    lock_id: str
    operation: str
    who: str
    text: str


def read(body: bytes) -> Asked:
    """Raises TooLarge, and Invalid for what is no lock."""
    if len(body) > LARGEST:
        raise TooLarge(f"A lock takes {LARGEST >> 10} KB at most")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid({"lock": "The lock is no JSON"}) from error
    lock_id = found.get("ID") if isinstance(found, dict) else None
    if not isinstance(lock_id, str) or not lock_id or len(lock_id) > LONGEST:
        raise Invalid({"ID": "The lock has no ID"})
    return Asked(_line(lock_id), _field(found, "Operation"), _field(found, "Who"),
                 json.dumps(found))  # fmt: skip


def of(inventory_id: int) -> TerraformLock | None:
    query = select(TerraformLock).filter_by(inventory_id=inventory_id)
    return db.session.scalar(query.execution_options(populate_existing=True))


def holder(inventory_id: int) -> str:
    """Who has the state, what for and from where, in words; "" where nobody has."""
    row = of(inventory_id)
    if row is None:
        return ""
    act = f" ({row.act})" if row.act else ""
    way = f", in run #{row.task_id}" if row.task_id else ""
    way = f", through the address …{row.alias[-4:]}" if row.alias else way
    return f"{row.who or 'somebody'}{act}{way}"


def take(caller: Caller, asked: Asked) -> None:
    """Lock the state; who has it already under this ID gets it again: an answer may get lost.

    Raises Locked. Of two at once the second waits for the first.
    """
    enter(caller)
    row = of(caller.inventory_id)
    if row is None:
        db.session.add(_new(caller, asked))
    elif row.lock_id != asked.lock_id:
        raise Locked(row)


def release(caller: Caller, asked: Asked | None) -> None:
    """Unlock the state. What is not locked is fine; `asked` None: whoever holds it loses it.

    `terraform force-unlock` sends nothing: an address may do that, and an event tells it; a run
    may not. Raises NotHeld.
    """
    inventory = enter(caller)
    row = of(caller.inventory_id)
    if row is None:
        return
    if asked is None and caller.task_id is not None:
        raise NotHeld("A run releases its own lock, by its ID")
    if asked and asked.lock_id != row.lock_id:
        raise NotHeld(f"The state is locked under another ID ({row.lock_id})")
    if asked is None:
        verb = f"{_lost(row)} through the address …{caller.alias[-4:]}"
        events.record(row.project_id, None, inventory, verb)
    db.session.delete(row)


def force(inventory: Inventory, reason: str, *, actor: User | None) -> None:
    """Unlock it whoever holds it, which an event tells with the reason.

    Raises Invalid without a reason, and NotFound where nobody holds it.
    """
    if not (said := " ".join(reason.split())[:LONGEST]):
        raise Invalid({"reason": "Say why: it is kept in the activity"})
    hold(inventory)
    row = of(inventory.id)
    if row is None:
        raise NotFound("The state is not locked")
    events.record(inventory.project_id, actor, inventory, f"{_lost(row)}: {said}")
    db.session.delete(row)


def has_ended(row: TerraformLock) -> bool:
    """Whether the run that holds it is over, so that nobody is there who could release it."""
    status = db.session.scalar(select(Task.status).where(Task.id == (row.task_id or 0)))
    return status in FINISHED


def enter(caller: Caller) -> Inventory:
    """The workspace, held: one request after the other. Raises NotFound if it was deleted."""
    query = select(Inventory).where(Inventory.id == caller.inventory_id).with_for_update()
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("This workspace was deleted")
    return found


def check(caller: Caller, lock_id: str) -> None:
    """Raise Locked where somebody else works with the state.

    Where nobody does, an ID that was taken away by force is let pass: what the tool has done is
    done, and whether its state still follows the last one is asked for anyway.
    """
    row = of(caller.inventory_id)
    if row and row.lock_id != lock_id:
        raise Locked(row)


def _new(caller: Caller, asked: Asked) -> TerraformLock:
    return TerraformLock(
        project_id=caller.project_id,
        inventory_id=caller.inventory_id,
        lock_id=asked.lock_id,
        operation=asked.operation,
        who=asked.who,
        info=asked.text,
        task_id=caller.task_id,
        alias=caller.alias,
    )


def _lost(row: TerraformLock) -> str:
    return f"was unlocked by force (lock {row.lock_id} of {row.who or 'somebody'})"


def _field(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return _line(value) if isinstance(value, str) else ""


def _line(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return shown.encode(errors="replace").decode()[:LONGEST]

"""Known hosts: the public keys by which a project knows ssh servers."""

import hashlib
from base64 import b64decode, b64encode

from pydantic_core import PydanticCustomError
from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.models import HostKey, Project, User
from app.schemas.host_keys import TYPES, HostKeyIn, Pin, parse
from app.services import events, probes
from app.services.references import get_owned, remove


def list_for(project: Project) -> list[HostKey]:
    query = select(HostKey).filter_by(project_id=project.id)
    return list(db.session.scalars(query.order_by(HostKey.host, HostKey.port, HostKey.type)))


def get(project: Project, host_key_id: int) -> HostKey:
    return get_owned(HostKey, project, host_key_id)


def fingerprint(known: HostKey | Pin) -> str:
    """As ssh prints it: "SHA256:…"."""
    digest = hashlib.sha256(b64decode(known.key)).digest()
    return "SHA256:" + b64encode(digest).decode().rstrip("=")


def pin(project: Project, data: HostKeyIn, *, actor: User | None) -> list[HostKey]:
    """Add hosts; what is known with the same key stays as it is.

    Raises Invalid if a host is known by another key: that one must be deleted knowingly first.
    """
    return pin_all(project, data.pins, actor=actor)


def pin_all(project: Project, pins: list[Pin], *, actor: User | None) -> list[HostKey]:
    """The same for hosts that were read already."""
    known = {(row.host, row.port, row.type): row for row in list_for(project)}
    pinned = []
    for wanted in pins:
        row = known.get(wanted[:3]) or _add(project, wanted, actor)
        if row.key != wanted.key:
            raise Invalid({"lines": f"{address(row)} is known by another key of type {row.type}. "
                           "If it was replaced on purpose, delete the old one first"})  # fmt: skip
        known[wanted[:3]] = row
        pinned.append(row)
    return pinned


def learn(project_id: int, host: str, port: int, type: str, key: str) -> None:
    """Remember what a run has accepted, unless the project knows a key of this type already."""
    known = select(HostKey.id).filter_by(project_id=project_id, host=host, port=port, type=type)
    if db.session.scalar(known) is None:
        row = HostKey(project_id=project_id, host=host, port=port, type=type, key=key)
        db.session.add(row)
        db.session.flush()  # The event needs its id.
        events.record(project_id, None, row, "learned by a run", name=address(row))


def scan(project: Project, host: str, port: int) -> probes.State:
    """Have a worker ask a server for its keys, or what is known of that by now."""
    return probes.ask("host", project, host=host, port=port)


def scanned(host: str, port: int, state: probes.State) -> list[Pin]:
    """What a scan has found, of the types that can be pinned."""
    found = state.answer.get("keys", [])
    return [Pin(host, port, key["type"], key["key"]) for key in found if key["type"] in TYPES]


def lines(project: Project) -> list[str]:
    """The known hosts as lines that can be pinned again.

    Runs learn from a file that their tasks can write: what is no such line is left out.
    """
    return [line for row in list_for(project) if (line := _line(row))]


def _line(row: HostKey) -> str:
    line = f"{address(row)} {row.type} {row.key}"
    try:
        is_same = parse(line) == [Pin(row.host, row.port, row.type, row.key)]
    except PydanticCustomError:
        is_same = False
    return line if is_same else ""


def delete(project: Project, host_key_id: int, *, actor: User | None) -> None:
    row = get(project, host_key_id)
    events.record(project.id, actor, row, "deleted", name=address(row))
    remove("Known host", row)


def address(row: HostKey | Pin) -> str:
    """The host as known_hosts writes it: the port only where it is an unusual one."""
    return row.host if row.port == 22 else f"[{row.host}]:{row.port}"


def _add(project: Project, wanted: Pin, actor: User | None) -> HostKey:
    row = HostKey(project_id=project.id, **wanted._asdict())
    db.session.add(row)
    db.session.flush()  # The event needs the id, and the next line must meet this one.
    events.record(project.id, actor, row, "pinned", name=address(row))
    return row

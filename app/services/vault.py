"""The secrets of all rows: walk over them, encrypt them anew, put back what was replaced."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from sqlalchemy import Table, inspect, literal, select, update

from app.db import db, transaction
from app.extensions import keyring
from app.lib import original_secrets
from app.lib.keyring import Keyring, KeyringError, key_id_of
from app.services import secrets, vault_backups
from app.services.vault_backups import Record

BATCH = 100  # rows that are renewed in one transaction


@dataclass(frozen=True)
class Sealed:
    """A row's secret as it is stored."""

    table: Table
    id: int
    project_id: int
    kind: str  # of an access key its type
    text: str

    @property
    def context(self) -> str:
        return secrets.context(self.table.name, self.id)

    def opened(self, others: Sequence[bytes] = ()) -> str:
        """The secret, by a key of the keyring or of `others`. Raises KeyringError."""
        known = [*keyring().keys, *others]
        if key_id_of(self.text):
            return Keyring(known).decrypt(self.text, self.context)
        clear = original_secrets.read(self.text, self.kind, known)
        if clear is None:
            raise KeyringError("No key that is known decrypts this secret")
        return clear


@dataclass
class Rekeyed:
    """What became of all secrets; of those that cannot be read the place and why."""

    moved: int = 0
    kept: int = 0  # they had the active key
    changed: int = 0  # by somebody else, meanwhile
    unreadable: dict[str, str] = field(default_factory=dict)


def walk(do: Callable[[list[Sealed]], None], *, write: bool) -> None:
    """Call with all secrets, each batch in a transaction of its own unless one has begun."""
    for table in secrets.TABLES:
        last: int | None = 0
        while last is not None:
            with transaction(write=write):
                rows = _batch(table, last)
                do(rows)
            last = rows[-1].id if rows else None


def rekey(old_keys: Sequence[bytes] = (), backup: TextIO | None = None) -> Rekeyed:
    """Encrypt with the active key what is not, the original's format included; again is harmless.

    `backup` receives what is replaced, and has it on the disk before the row changes. A row that
    somebody changes meanwhile is left as he has made it.
    """
    done = Rekeyed()

    def renew(rows: list[Sealed]) -> None:
        renewed = list(_renewed(rows, old_keys, done))
        if backup and renewed:
            vault_backups.write(backup, renewed)
        for r in renewed:
            if _swap(_table(r), r.id, r.secret, r.replaced_by):
                done.moved += 1
            else:
                done.changed += 1

    walk(renew, write=True)
    return done


def rollback(records: Sequence[Record]) -> tuple[int, int]:
    """Put back what a rekey has replaced; returns how many were, and how many had changed since."""
    restored = 0
    for start in range(0, len(records), BATCH):
        with transaction():
            for r in records[start : start + BATCH]:
                restored += _swap(_table(r), r.id, r.replaced_by, r.secret)
    return restored, len(records) - restored


def _batch(table: Table, last: int) -> list[Sealed]:
    if not _has_secrets(table):
        return []  # a backup of an older release
    kind = table.c.type if "type" in table.c else literal("")
    query = (
        select(table.c.id, table.c.project_id, kind, table.c.secret)
        .where(table.c.id > last, table.c.secret.is_not(None), table.c.secret != "")
        .order_by(table.c.id)
        .limit(BATCH)
    )
    return [Sealed(table, *row) for row in db.session.execute(query)]


def _has_secrets(table: Table) -> bool:
    found = inspect(db.session.connection())
    return found.has_table(table.name) and any(
        column["name"] == "secret" for column in found.get_columns(table.name)
    )


def _renewed(rows: list[Sealed], old_keys: Sequence[bytes], done: Rekeyed) -> Iterator[Record]:
    active = keyring().active
    for row in rows:
        kid = key_id_of(row.text)
        if kid == active:
            done.kept += 1
            continue
        try:
            new = secrets.encrypt(row.opened(old_keys), row.context)
        except KeyringError as error:
            done.unreadable[row.context] = str(error)
        else:
            yield Record(row.project_id, kid or "", row.text, row.table.name, row.id, new)


def _table(record: Record) -> Table:
    return next(table for table in secrets.TABLES if table.name == record.table)


def _swap(table: Table, row_id: int, old: str, new: str) -> bool:
    rows = table.c.id == row_id, table.c.secret == old
    done: Any = db.session.execute(update(table).where(*rows).values(secret=new))
    return bool(done.rowcount)

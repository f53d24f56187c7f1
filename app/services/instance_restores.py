"""Put a backup of an instance into a database, of whatever kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, inspect, select, update
from sqlalchemy import table as named

from app.clock import now_ms
from app.db import db, transaction
from app.errors import Busy, DomainError, Unavailable
from app.lib import dump_file, keyring_file
from app.lib.keyring import KeyringError
from app.models import Lock, Task, TaskStatus, Worker
from app.services import instance_rows, revisions, vault, workers
from app.services.instance_backups import FORMAT


@dataclass(frozen=True)
class Backup:
    """A file that was read to its end, and is whole."""

    path: Path
    header: dict[str, Any]
    keys: list[bytes]
    tables: list[str]  # in the order in which they can be filled

    @property
    def is_older(self) -> bool:
        return self.header["revision"] != revisions.known()[0]

    def entries(self) -> Iterator[Any]:
        """Descriptions of tables, each with its rows behind it."""
        found = dump_file.lines(self.path)
        next(found), next(found)  # header and keyring
        return found


@dataclass(frozen=True)
class Restored:
    """What a restore has done."""

    backup: Backup
    rows: dict[str, int]
    secrets: vault.Rekeyed
    unfinished: int  # runs that had not ended


def read(path: Path) -> Backup:
    """Read a backup to its end. Raises DomainError if it is not whole, or of a newer release."""
    try:
        found = dump_file.lines(path)
        header, stored = next(found, None), next(found, None)
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise DomainError(f"{path} is not a backup of Heliograph")
        keys = keyring_file.decode_all(stored, str(path))
        tables = [entry["table"] for entry in found if isinstance(entry, dict)]
    except (dump_file.DumpError, KeyringError) as error:
        raise DomainError(str(error)) from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
    if header["revision"] not in revisions.known():
        raise DomainError(f"{path} was made by a newer release, {header['release']}")
    return Backup(path, header, keys, tables)


def restore(path: Path, *, force: bool = False) -> Restored:
    """Fill the database with a backup, in one transaction; migrate it up if it is an older one.

    Secrets are encrypted anew, with the active key of here: the keyring stays as it is. Raises
    Busy while a worker runs, or if the database holds data and `force` does not allow to replace
    it; DomainError for a file that cannot be used. Nothing is changed then.
    """
    backup = read(path)
    _make_ready(backup, force)
    with transaction():
        rows = _fill(backup)
        done = vault.rekey(backup.keys)
        unfinished = select(func.count(Task.id)).where(Task.status.in_(TaskStatus.unfinished()))
        count = db.session.scalar(unfinished) or 0
    revisions.bring(backup.header["revision"], revisions.known()[0])
    return Restored(backup, rows, done, count)


def _make_ready(backup: Backup, force: bool) -> None:
    """Bring the tables to the backup's revision; only empty ones are migrated down."""
    with db.engine.connect() as connection:
        current = revisions.of(connection)
    with transaction(write=False):
        _refuse_workers()
        filled = _filled()
    if filled and not force:
        raise Busy(f"The database holds data ({', '.join(filled)}): --force replaces all of it")
    wanted = backup.header["revision"]
    if current not in (None, *revisions.known()):
        raise DomainError("The database is of a newer release")
    if filled and backup.is_older and current != wanted:
        raise Busy("The backup is of an older release: restore it into an empty database")
    revisions.bring(current, wanted)


def _refuse_workers() -> None:
    if not inspect(db.session.connection()).has_table(Worker.__tablename__):
        return
    alive = select(Worker.host).where(Worker.seen > now_ms() - workers.ONLINE_MS)
    if host := db.session.scalars(alive).first():
        raise Busy(f"A worker runs on {host}: stop the server first")


def _filled() -> list[str]:
    """The tables with rows; those that migrations and workers make are no data."""
    there = set(inspect(db.session.connection()).get_table_names())
    data = there & set(db.metadata.tables) - {Lock.__tablename__, Worker.__tablename__}
    some = {name: select(func.count()).select_from(named(name)) for name in sorted(data)}
    return [name for name, query in some.items() if db.session.scalar(query)]


def _fill(backup: Backup) -> dict[str, int]:
    connection = db.session.connection()
    for name in reversed(backup.tables):
        connection.execute(named(name).delete())
    rows = instance_rows.load(connection, backup.entries())
    db.session.execute(delete(Worker))  # each enters itself when it starts
    if not backup.header["output"]:
        lost = Task.line_count > 0, Task.log_deleted_at.is_(None)
        then = datetime.fromisoformat(backup.header["created"])
        db.session.execute(update(Task).where(*lost).values(log_deleted_at=then))
    return rows

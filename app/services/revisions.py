"""Which migration a database has, and how to bring it to another one."""

from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection

from app.db import db

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@cache
def known() -> list[str]:
    """All revisions of this release, the newest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in scripts.walk_revisions()]


def of(connection: Connection) -> str | None:
    """The revision of a database; None if it has none of our tables."""
    return MigrationContext.configure(connection).get_current_revision()


def bring(current: str | None, wanted: str) -> None:
    """Migrate the database up or down. Call it outside a transaction."""
    if current == wanted:
        return
    db.session.remove()
    if current is not None and known().index(current) < known().index(wanted):
        downgrade(revision=wanted)
    else:
        upgrade(revision=wanted)

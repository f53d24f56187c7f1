"""Does each part that the server needs answer?"""

import shutil
from functools import cache
from pathlib import Path

from redis import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.extensions import redis, settings
from app.lib import migrated
from app.services import workers

VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"
OTHER_TABLES = "the tables are of another release: run flask db upgrade"
DISK_FULL = "The disk of the server is full; no run can start"


def check() -> dict[str, str]:
    """Map database, redis, worker and disk to "ok" or to what is wrong, in words."""
    return {
        "database": _database(),
        "redis": _redis(),
        "worker": _worker(),
        "disk": "ok"
        if has_room()
        else f"less than {settings().MIN_FREE_MB} MB free: no run starts",
    }


def has_room() -> bool:
    """Whether the data directory has room for another run, which must store its output."""
    return shutil.disk_usage(settings().DATA_DIR).free > settings().MIN_FREE_MB << 20


def _database() -> str:
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        return "does not answer"
    return "ok" if _revisions() == _newest() else OTHER_TABLES


@cache
def _newest() -> set[str]:
    """The revision that this release of the program works with; it changes with the program."""
    return migrated.heads(VERSIONS)


def _revisions() -> set[str]:
    """The revision that the tables have; none where nothing was ever migrated."""
    try:
        return set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        db.session.rollback()
        return set()


def _redis() -> str:
    try:
        redis.client.ping()
    except (RedisError, OSError):
        return "does not answer"
    return "ok"


def _worker() -> str:
    try:
        return "ok" if workers.online() else "no worker is online"
    except SQLAlchemyError:
        return "unknown: the database does not answer"

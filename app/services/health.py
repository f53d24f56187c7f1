"""Does each part that the server needs answer?"""

import shutil

from redis import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.extensions import redis, settings
from app.services import workers

MIN_FREE = 200 * 1024 * 1024  # below this no run starts: it could not store its output


def check() -> dict[str, str]:
    """Map database, redis, worker and disk to "ok" or to what is wrong, in words."""
    return {
        "database": _database(),
        "redis": _redis(),
        "worker": _worker(),
        "disk": "ok" if has_room() else "less than 200 MB free: no run starts",
    }


def has_room() -> bool:
    """Whether the data directory has room for another run."""
    return shutil.disk_usage(settings().DATA_DIR).free > MIN_FREE


def _database() -> str:
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        return "does not answer"
    return "ok"


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

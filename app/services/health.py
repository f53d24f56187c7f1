"""Does each part that the server needs answer?"""

import shutil

from redis import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.db import db, now_ms
from app.extensions import redis, settings
from app.models import Worker

ALIVE_MS = 15_000
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
    alive = select(func.count()).select_from(Worker).where(Worker.seen > now_ms() - ALIVE_MS)
    try:
        return "ok" if db.session.scalar(alive) else "no worker is online"
    except SQLAlchemyError:
        return "unknown: the database does not answer"

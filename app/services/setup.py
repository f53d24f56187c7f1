"""The first administrator: from the set-up page, or from the settings at boot."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import invitation
from app.config import Config
from app.db import db, transaction
from app.errors import Invalid, NotFound
from app.executors import TOOLS
from app.extensions import settings
from app.lib import tools
from app.lib.settings import SettingError
from app.models import Lock, Project, User
from app.schemas.setup import SetupIn
from app.schemas.users import UserIn
from app.services import auth, demo, users, workers

logger = logging.getLogger(__name__)

LOCK = "setup"
OPTIONS = {"password": "_PASSWORD", "email": "_EMAIL", "name": "_NAME"}  # SEMAPHORE_ADMIN…


@dataclass(frozen=True)
class FoundTool:
    """What the set-up page says about a program; `version` is "" until a worker has told it."""

    tool: tools.Tool
    found: bool
    version: str


def is_needed() -> bool:
    """Whether nobody can sign in yet: there is no user, and none will come from the settings."""
    return not settings().ADMIN and db.session.scalar(select(User.id).limit(1)) is None


def create_first(data: SetupIn) -> tuple[User, Project | None]:
    """Create the first administrator and, if wanted, the demo project.

    Opens a transaction of its own after hashing. Raises NotFound if there is a user by now.
    """
    hashed = auth.hash_password(data.password)
    with _alone():
        if not is_needed():
            raise NotFound("Heliograph is set up already. Sign in")
        username = data.username.lower()
        user = _admin(username, data.name, f"{username}@localhost", hashed)
        return user, demo.create(actor=user) if data.demo else None


def ensure_admin(config: Config) -> User | None:
    """Create the administrator that SEMAPHORE_ADMIN names, if there is no user of this name.

    Any number of processes may do so at once. Returns the user that was created; none if there
    was nothing to do. Raises SettingError if one of the settings cannot be used.
    """
    username = config.ADMIN.strip().lower()
    if not username or _exists(username):
        return None
    email = config.ADMIN_EMAIL or f"{username}@localhost"
    try:
        hashed = auth.hash_password(config.ADMIN_PASSWORD)
        with _alone():
            if _exists(username):
                return None
            return _admin(username, config.ADMIN_NAME or username, email, hashed)
    except (Invalid, ValidationError) as error:
        refused = error if isinstance(error, Invalid) else Invalid.from_pydantic(error)
        field, why = next(iter(refused.fields.items()))
        raise SettingError(f"SEMAPHORE_ADMIN{OPTIONS.get(field, '')}: {why}") from error


def address() -> str | None:
    """The address of the set-up page, for the server's own output; none if there is a user."""
    with transaction(write=False):
        return invitation.setup_address(settings()) if is_needed() else None


def found_tools() -> list[FoundTool]:
    """The programs of this machine, with the versions that workers have reported."""
    told: dict[str, str] = {}
    for worker in workers.online():
        told |= worker.facts.get("tools", {})
    return [
        FoundTool(tool, key in told or tools.find(tool) is not None, told.get(key, ""))
        for key, tool in TOOLS.items()
    ]


def _exists(username: str) -> bool:
    with transaction(write=False):
        return db.session.scalar(select(User.id).filter_by(username=username)) is not None


@contextmanager
def _alone() -> Iterator[None]:
    """A transaction in which nobody else is between looking for a user and creating one.

    The row to lock is made in a transaction before: several that insert it at once and lock it
    afterwards would wait for each other.
    """
    with suppress(IntegrityError), transaction():
        if db.session.scalar(select(Lock.name).filter_by(name=LOCK)) is None:
            db.session.add(Lock(name=LOCK))
    with transaction():
        db.session.execute(select(Lock).filter_by(name=LOCK).with_for_update())
        yield


def _admin(username: str, name: str, email: str, hashed: str) -> User:
    data = UserIn(username=username, name=name, email=email, admin=True)
    user = users.create(data, actor=None)
    user.password = hashed
    logger.info("first administrator created", extra={"user": user.id})
    return user

"""Options: what clients keep here under a name, for the server or for one user."""

import re

from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.models import Option, User
from app.schemas.options import OptionIn

OF_USERS = ("nav.unpinnedItems",)  # what the original's pages keep of a user
OF_APPS = "apps."
_OF_A_USER = re.compile(r"user\d+\.")


def of_server() -> dict[str, str]:
    """The server's options by key; those of users are theirs."""
    return {key: value for key, value in _all().items() if not _OF_A_USER.match(key)}


def of_user(user: User) -> dict[str, str]:
    """A user's options by key."""
    prefix = _prefix(user)
    found = _all(Option.key.startswith(prefix, autoescape=True))
    return {key.removeprefix(prefix): value for key, value in found.items()}


def keep(data: OptionIn) -> OptionIn:
    """Store an option of the server. Raises Invalid for one that would be a user's."""
    if data.key.startswith(OF_APPS):
        raise Invalid({"key": "Belongs to an app: use /api/apps"})
    if _OF_A_USER.match(data.key):
        raise Invalid({"key": "Belongs to a user, who keeps it under /api/user/options"})
    _put(data.key, data.value)
    return data


def keep_for(user: User, data: OptionIn) -> OptionIn:
    """Store an option of a user. Raises Invalid for a key that is not OF_USERS."""
    if data.key not in OF_USERS:
        raise Invalid({"key": f"Must be one of: {', '.join(OF_USERS)}"})
    _put(_prefix(user) + data.key, data.value)
    return data


def forget(user: User) -> None:
    """Delete a user's options with the user."""
    for key in of_user(user):
        db.session.delete(db.session.get_one(Option, _prefix(user) + key))


def _prefix(user: User) -> str:
    return f"user{user.id}."


def _all(*conditions: object) -> dict[str, str]:
    query = select(Option).where(*conditions).order_by(Option.key)  # type: ignore[arg-type]
    return {row.key: row.value for row in db.session.scalars(query)}


def _put(key: str, value: str) -> None:
    row = db.session.get(Option, key, with_for_update=True) or Option(key=key)
    row.value = value
    db.session.add(row)

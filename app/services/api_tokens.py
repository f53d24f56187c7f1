"""Tokens for scripts. The original shows them in lists; we keep only a hash and eight letters."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.clock import utcnow
from app.db import db
from app.errors import Invalid, NotFound
from app.models import ApiToken, User
from app.services import events


def create(
    user: User, *, name: str = "", expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token; return its row and the token itself, which is never shown again."""
    if expires_at is not None and expires_at <= utcnow():
        raise Invalid({"expires_at": "Must be in the future"})
    # Clients send it in any case and the original compares it lower-cased; 44 characters.
    secret = secrets.token_urlsafe(32).lower() + "="
    row = ApiToken(
        hash=_key(secret), prefix=secret[:8], user_id=user.id, name=name, expires_at=expires_at
    )
    db.session.add(row)
    db.session.flush()  # The answer shows when it was created.
    events.record(None, user, user, f"given the API token {row.prefix}…", name=user.username)
    return row, secret


def find(secret: str) -> User | None:
    """The user a token belongs to; none if it is unknown or has expired."""
    query = (
        select(ApiToken)
        .options(joinedload(ApiToken.user))
        .where(ApiToken.hash == _key(secret.lower()))
    )
    row = db.session.scalar(query)
    if row is None or (row.expires_at is not None and row.expires_at <= utcnow()):
        return None
    return row.user


def list_for(user: User) -> list[ApiToken]:
    """A user's tokens, newest first."""
    query = select(ApiToken).filter_by(user_id=user.id).order_by(ApiToken.id.desc())
    return list(db.session.scalars(query))


def delete(user: User, token: str) -> None:
    """Revoke the token that is given whole or by its first eight letters."""
    wanted = token.lower()
    same = ApiToken.hash == _key(wanted) if len(wanted) > 8 else ApiToken.prefix == wanted
    row = db.session.scalar(select(ApiToken).where(ApiToken.user_id == user.id, same))
    if row is None:
        raise NotFound("Token not found")
    db.session.delete(row)
    events.record(None, user, user, f"deprived of the API token {row.prefix}…", name=user.username)


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

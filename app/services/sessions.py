"""Browsers that are signed in: a random secret in the cookie, its SHA-256 in the row."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from app.clock import utcnow
from app.db import db
from app.errors import NotFound
from app.models import Session, User

IDLE, ABSOLUTE = timedelta(days=7), timedelta(days=30)
REFRESHED = timedelta(days=30)  # without a refresh, a pair of tokens ends
PREFIX = 16  # letters of an id that name a session in an address
TOUCH = timedelta(minutes=1)  # last_active is written no more often than this


def open_for(user: User, *, ip: str, user_agent: str) -> str:
    """Sign a user in; return the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    db.session.add(
        Session(id=_key(secret), user_id=user.id, ip=ip[:64], user_agent=user_agent[:255])
    )
    return secret


def find(secret: str) -> Session | None:
    """The session, with its user, that a cookie belongs to; none if it has expired."""
    query = select(Session).options(joinedload(Session.user)).where(Session.id == _key(secret))
    session = db.session.scalar(query)
    now = utcnow()
    if session is None or now - session.last_active > IDLE or now - session.created > ABSOLUTE:
        return None
    return session


def is_stale(session: Session) -> bool:
    """Whether it is to be noted that it is used: not more often than once a minute."""
    return utcnow() - session.last_active >= TOUCH


def touch(session_id: str) -> None:
    """Note that it is used."""
    db.session.execute(update(Session).filter_by(id=session_id).values(last_active=utcnow()))


def close(session_id: str) -> None:
    """Sign a browser out."""
    db.session.execute(delete(Session).where(Session.id == session_id))


def close_one(user: User, prefix: str) -> None:
    """Sign out one browser of a user, named by the first letters of its session id.

    Raises NotFound if none of his sessions is called so.
    """
    mine = select(Session).where(
        Session.user_id == user.id, Session.id.startswith(prefix, autoescape=True)
    )
    found = db.session.scalars(mine.limit(2)).all() if len(prefix) >= PREFIX else []
    if len(found) != 1:
        raise NotFound("This session has ended already")
    db.session.delete(found[0])


def close_others(user: User, but: str | None) -> None:
    """Sign out every browser of a user except one (its session id)."""
    db.session.execute(delete(Session).where(Session.user_id == user.id, Session.id != (but or "")))


def list_for(user: User) -> list[Session]:
    """Where a user is signed in, most recently used first."""
    query = select(Session).filter_by(user_id=user.id).order_by(Session.last_active.desc())
    return list(db.session.scalars(query))


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def forget_the_expired() -> None:
    """Delete the rows of sessions that nobody can use any more."""
    now = utcnow()
    unused = (Session.last_active < now - IDLE) | (Session.created < now - ABSOLUTE)
    browser, pair = Session.refresh.is_(None), Session.refresh.is_not(None)
    old = (browser & unused) | (pair & (Session.last_active < now - REFRESHED))
    db.session.execute(delete(Session).where(old))

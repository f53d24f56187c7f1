"""Signing in without a cookie: an access token for a day, a refresh token for the next pair.

Both are JWT (RFC 7519), signed with HS256 by a key derived from SECRET_KEY. Each sign-in has a row
among the sessions: while it is there its tokens count, so that one can end it like any other, and
a new password ends them all.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from sqlalchemy import update
from sqlalchemy.orm import joinedload

from app.clock import utcnow
from app.db import db
from app.extensions import settings
from app.models import Session, User
from app.services import sessions

ALGORITHM = "HS256"
ACCESS, REFRESH = "access", "refresh"
LIVES = {ACCESS: timedelta(days=1), REFRESH: sessions.REFRESHED}
REQUIRED = ("sub", "sid", "typ", "iat", "exp", "jti")


@dataclass(frozen=True, slots=True)
class Pair:
    """What a client gets; seconds until each token ends."""

    token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105  no secret
    expires_in: int = int(LIVES[ACCESS].total_seconds())
    refresh_expires_in: int = int(LIVES[REFRESH].total_seconds())


def looks_like_one(token: str) -> bool:
    """Whether a bearer token is one of these; tokens of the API have no dots."""
    return token.count(".") == 2


def open_for(user: User, *, ip: str, user_agent: str) -> Pair:
    """Sign a user in."""
    session = Session(
        id=secrets.token_hex(32),
        user_id=user.id,
        ip=ip[:64],
        user_agent=user_agent[:255],
        refresh=_new_id(),
    )
    db.session.add(session)
    return _pair(session.id, user.id, str(session.refresh))


def find(token: str) -> Session | None:
    """The session, with its user, of an access token; none if either has ended."""
    claims = _verified(token, ACCESS)
    return _session(claims) if claims else None


def refresh(token: str) -> Pair | None:
    """A new pair for a refresh token, which counts no more after that.

    None if it does not count. Whoever comes with one for the second time has stolen it, or was
    robbed of it: the whole sign-in ends.
    """
    claims = _verified(token, REFRESH)
    session = _session(claims) if claims else None
    if claims is None or session is None:
        return None
    following = _new_id()
    mine = update(Session).where(Session.id == session.id, Session.refresh == claims["jti"])
    changed: Any = db.session.execute(mine.values(refresh=following, last_active=utcnow()))
    if changed.rowcount != 1:
        sessions.close(session.id)
        return None
    return _pair(session.id, session.user_id, following)


def revoke(token: str) -> None:
    """End the sign-in that either of its tokens belongs to; nothing if it does not count."""
    claims = _verified(token, ACCESS) or _verified(token, REFRESH)
    session = _session(claims) if claims else None
    if session is not None:
        sessions.close(session.id)


def _session(claims: dict[str, Any]) -> Session | None:
    session = db.session.get(Session, claims["sid"], options=[joinedload(Session.user)])
    return session if session and str(session.user_id) == claims["sub"] else None


def _pair(session_id: str, user_id: int, refresh_id: str) -> Pair:
    return Pair(
        _signed(session_id, user_id, ACCESS, _new_id()),
        _signed(session_id, user_id, REFRESH, refresh_id),
    )


def _signed(session_id: str, user_id: int, kind: str, token_id: str) -> str:
    now = utcnow()
    claims = {"sub": str(user_id), "sid": session_id, "typ": kind, "jti": token_id}
    times = {"iat": now, "exp": now + LIVES[kind]}
    return jwt.encode(claims | times, _key(), algorithm=ALGORITHM)


def _verified(token: str, kind: str) -> dict[str, Any] | None:
    """The claims of a token of this kind; none if it is not ours or has ended."""
    try:
        claims = jwt.decode(
            token, _key(), algorithms=[ALGORITHM], options={"require": list(REQUIRED)}
        )
    except jwt.InvalidTokenError:
        return None
    return claims if claims["typ"] == kind else None


def _new_id() -> str:
    return secrets.token_hex(16)


def _key() -> bytes:
    """A key of its own, so that nothing else that SECRET_KEY signs passes for a token."""
    return hmac.new(settings().SECRET_KEY.encode(), b"jwt", hashlib.sha256).digest()

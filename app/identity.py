"""Who sends a request: the cookie of a signed-in browser, or a bearer token of a program."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.exc import SQLAlchemyError

from app.db import is_writing, transaction
from app.errors import Unavailable
from app.extensions import login, settings
from app.models import Session, User
from app.services import api_tokens, sessions, token_pairs

COOKIE = "semaphore"


def init_app(app: Flask) -> None:
    login.session_protection = None
    login.request_loader(load)
    app.session_interface = FlashCookie()
    app.after_request(touch_late)


def load(request: Request, *, touch: bool = True) -> User | None:
    """The user of a request; `g.session_id` is set if a cookie told who it is.

    A bearer token counts alone: a request that carries a wrong one is nobody's. `touch` notes that
    the session is used.
    """
    if token := bearer(request):
        if not token_pairs.looks_like_one(token):
            return api_tokens.find(token)
        session = token_pairs.find(token)
    elif session := _of_cookie(request):
        g.session_id = session.id
    if session and touch and sessions.is_stale(session):
        _touch(session.id)
    return session.user if session else None


def bearer(request: Request) -> str:
    """The bearer token of a request as it was sent; "-" for an empty one, "" for none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return (token.strip() or "-") if scheme.lower() == "bearer" else ""


def _of_cookie(request: Request) -> Session | None:
    secret = request.cookies.get(COOKIE)
    return sessions.find(secret) if secret else None


def _touch(session_id: str) -> None:
    """In the request's own transaction if it writes, else when that is over: never beside it, on a
    second connection."""
    if is_writing():
        sessions.touch(session_id)
    else:
        g.to_touch = session_id


def touch_late(response: Response) -> Response:
    """Not worth waiting for a lock, nor an error: the next request tries again."""
    session_id = g.pop("to_touch", None)
    if session_id and response.status_code < 500:
        with suppress(Unavailable, SQLAlchemyError), transaction(patience=0):
            sessions.touch(session_id)
    return response


def remember(response: Response, secret: str) -> None:
    """Put the secret of a session into the browser's cookie."""
    set_cookie(response, COOKIE, secret, lasts=sessions.ABSOLUTE)


def set_cookie(response: Response, name: str, value: str, *, lasts: timedelta) -> None:
    """Answer with a cookie that only our own pages get back, over HTTPS only where they have it."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=has_https(),
    )


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=has_https())


def has_https() -> bool:
    """Whether the browser has asked over HTTPS: it is seen, or the public address says so, or it is
    set. Whoever asks by another name, past the proxy, can sign in without."""
    public = urlsplit(settings().WEB_HOST)
    is_public = public.scheme == "https" and public.netloc.lower() == request.host.lower()
    return request.is_secure or is_public or settings().SECURE_COOKIES


class FlashCookie(SecureCookieSessionInterface):
    """Flask's own session, in which only flash messages live, as a cookie like the others."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return has_https()

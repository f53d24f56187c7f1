"""Who sends a request: the cookie of a signed-in browser, or a bearer token of a script."""

from flask import Flask, Request, Response, g

from app.extensions import login, settings
from app.models import User
from app.services import api_tokens, sessions

COOKIE = "semaphore"


def init_app(app: Flask) -> None:
    login.session_protection = None
    login.request_loader(load)


def load(request: Request, *, touch: bool = True) -> User | None:
    """The user of a request; `g.session_id` is set if a cookie told who it is.

    A bearer token counts alone: a request that carries a wrong one is nobody's. `touch` notes that
    the session is used.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return api_tokens.find(token.strip())
    secret = request.cookies.get(COOKIE)
    session = sessions.find(secret) if secret else None
    if session is None:
        return None
    if touch:
        sessions.touch(session)
    g.session_id = session.id
    return session.user


def remember(response: Response, secret: str, *, secure: bool) -> None:
    """Put the secret of a session into the browser's cookie."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(sessions.ABSOLUTE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=secure or settings().SECURE_COOKIES,
    )


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")

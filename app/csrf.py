"""A request that changes something must come from our own pages, or carry a token of its own.

Pages send the session's token as header X-CSRF-Token or field csrf_token; forms that exist before
a session (sign-in, setup) and the API's cookie requests are checked by Origin, else Referer.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_login import current_user

from app.errors import Forbidden
from app.extensions import settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BEFORE_SESSION = frozenset({"/login", "/setup"})
FOREIGN = "CROSS_ORIGIN_REQUEST_BLOCKED"


def init_app(app: Flask) -> None:
    app.before_request(check)
    app.jinja_env.globals["csrf_token"] = token


def token() -> str:
    """The token of this session: the same for its whole life, so that pages keep their ETag."""
    return token_of(g.session_id) if g.get("session_id") else ""


def token_of(session_id: str) -> str:
    """The token of a session, derived from it, so that nothing has to be stored."""
    key = settings().SECRET_KEY.encode()
    return hmac.new(key, f"csrf:{session_id}".encode(), hashlib.sha256).hexdigest()


def check() -> None:
    """Refuse a forged request. Runs after the user is known and before the guard."""
    if request.method in SAFE:
        return
    current_user.is_authenticated  # noqa: B018  finds the session of this request
    if request.path.startswith("/api/"):
        if g.get("session_id"):
            check_origin()
    elif request.path in BEFORE_SESSION:
        check_origin()
    elif g.get("session_id"):
        given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
        if not hmac.compare_digest(given.encode(), token().encode()):
            raise Forbidden("This form belongs to another session. Reload the page and try again")


def check_origin() -> None:
    """Refuse a foreign Origin or Referer; a client that sends neither is no browser."""
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if origin is None:
        return
    allowed = {request.host, urlsplit(settings().WEB_HOST).netloc} - {""}  # "null" has no host
    if urlsplit(origin).netloc not in allowed:
        raise Forbidden(FOREIGN)

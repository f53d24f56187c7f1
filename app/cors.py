"""Pages of other origins that may use the API, where the server names them.

They are answered without credentials: a cookie of this server never acts for them, a token does.
The protocol: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from flask import Flask, Response, request

from app.extensions import settings

EVERY = "*"
METHODS = "GET, HEAD, POST, PUT, DELETE"
HEADERS = "Authorization, Content-Type"
SHOWN = "X-Has-Next, Retry-After"
KEPT = "600"  # seconds that a browser may remember a preflight


def init_app(app: Flask) -> None:
    app.before_request(preflight)
    app.after_request(allow)


def preflight() -> Response | None:
    """Answer the question of a browser whether it may send; it comes without any sign-in."""
    if request.method != "OPTIONS" or not _allowed():
        return None
    answer = Response(status=204)
    answer.headers["Access-Control-Allow-Methods"] = METHODS
    answer.headers["Access-Control-Allow-Headers"] = HEADERS
    answer.headers["Access-Control-Max-Age"] = KEPT
    return answer


def allow(response: Response) -> Response:
    """Let the page that asks read the answer."""
    if origin := _allowed():
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = SHOWN
    if settings().CORS_ORIGINS and request.path.startswith("/api/"):
        response.vary.add("Origin")
    return response


def _allowed() -> str:
    """What to say in Access-Control-Allow-Origin; "": nothing."""
    allowed, origin = settings().CORS_ORIGINS, request.headers.get("Origin", "")
    if not origin or not request.path.startswith("/api/"):
        return ""
    if EVERY in allowed:
        return EVERY
    return origin if origin in allowed else ""

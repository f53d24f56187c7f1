"""Headers of every answer: what a page may load, and how long an answer may be kept."""

from flask import Flask, Response, request, session

from app.web import assets

POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' '{assets.BOOT_HASH}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


def init_app(app: Flask) -> None:
    app.after_request(complete)
    # The first one runs last: after flask-login's, which looks into the session each time.
    app.after_request_funcs[None].insert(0, ignore_session)


def complete(response: Response) -> Response:
    """Add what is the same for all answers; a view's own Cache-Control stays."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if response.mimetype == "text/html":
        _page(response)
    elif request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def ignore_session(response: Response) -> Response:
    """Static files are the same for everybody: a changed cookie must not make copies useless."""
    if request.endpoint == "assets.serve":
        session.accessed = False
    return response


def _page(response: Response) -> None:
    """Pages and fragments are kept but asked for again: unchanged ones are answered with 304."""
    response.vary.add("HX-Request")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers["Speculation-Rules"] = f'"{assets.url("speculation.json")}"'
    if response.status_code == 200 and request.method in ("GET", "HEAD") and _is_whole(response):
        response.add_etag(weak=True)
        response.make_conditional(request)


def _is_whole(response: Response) -> bool:
    streamed = response.is_streamed or response.direct_passthrough
    return not streamed and "no-store" not in response.headers["Cache-Control"]

"""Who stands at the other end of a socket and what he may hear.

Asked before the socket opens, when a refusal is still a status, and again with each ping, because
a socket outlives sessions and memberships.
"""

import json
from collections.abc import Collection

from flask import Response, g, request
from flask_login import current_user

from app import csrf, identity
from app.db import db
from app.errors import NotFound
from app.live.sockets import WholeSocket
from app.services import live_events
from app.services.live_events import Stored

EVERY = 25.0  # seconds, as the pings
SIGN_IN, NOT_YOURS = 4401, 4403  # close codes: 4000 and the HTTP status
SOCKETS = ("gunicorn.socket", "werkzeug.socket")  # where a server keeps the connection


class Denied(Exception):
    """The right to be here has ended: the socket is closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def before_handshake() -> None:
    """Refuse a page of somebody else's, which would come with our user's cookie.

    `g.opened` is the moment from which on the socket hears: once it is open nothing may be missed.
    """
    if g.get("session_id"):
        csrf.check_origin()
    g.opened = live_events.moment()
    # Compression would cost 300 KB and a pass over each frame per client.
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    for name in SOCKETS:
        if name in request.environ:
            request.environ[name] = WholeSocket(request.environ[name])


def bad_handshake(error: Exception) -> Response:
    """Answer somebody who speaks another protocol, or speaks it badly."""
    text = f"Not a WebSocket handshake: {error}"
    if request.path.startswith("/api/"):
        return Response(json.dumps({"error": text}) + "\n", 400, mimetype="application/json")
    return Response(text + "\n", 400, mimetype="text/plain")


def wanted_project() -> tuple[int | None, set[int]]:
    """The project that `?project=` names, or None, and what is heard: it, or all of mine.

    Raises NotFound as the guard does.
    """
    mine, text = live_events.projects_of(current_user), request.args.get("project")
    if text is None:
        return None, mine
    number = int(text) if text.isdecimal() and len(text) < 20 else 0
    if number not in mine:
        raise NotFound("Project not found")
    return number, {number}


def projects(wanted: int | None = None) -> set[int]:
    """What the user may hear now: all his projects, or the one wanted. Raises Denied.

    No database connection is held afterwards.
    """
    try:
        user = identity.load(request, touch=False)
        if user is None:
            raise Denied(SIGN_IN, "Sign in again")
        found = live_events.projects_of(user)
    finally:
        db.session.remove()
    if wanted is None:
        return found
    if wanted not in found:
        raise Denied(NOT_YOURS, "Not a member any more")
    return {wanted}


def look(run_ids: Collection[int]) -> dict[int, Stored]:
    """How far these runs are stored; no database connection is held afterwards."""
    try:
        return live_events.look(run_ids)
    finally:
        db.session.remove()


def active(project_ids: Collection[int]) -> dict[int, Stored]:
    """The runs of these projects that may write output; no database connection is held."""
    try:
        return live_events.active_runs(project_ids)
    finally:
        db.session.remove()

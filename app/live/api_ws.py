"""The original's socket: each line and each change of status of all my projects, as JSON."""

import time
from contextlib import suppress
from functools import partial

from flask import Blueprint, Flask, current_app, g
from flask_login import current_user
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import sock
from app.guard import SIGNED_IN, requires
from app.lib import log_stream
from app.live import rights
from app.live.api_viewer import ApiViewer
from app.live.hub import Hub
from app.live.messages import log_frames
from app.live.serving import SLACK, serving
from app.services import live_events, task_output, task_output_pieces
from app.services.live_events import Stored

bp = Blueprint("api_socket", __name__)

EVERY = 5.0  # seconds until a new project of mine is heard, or one that I left is not
AT_ONCE = 2000  # lines that are read for a client that lags, at most,
ENOUGH = 256 * 1024  # and about how many bytes


@bp.before_request
def before_handshake() -> None:
    """What must hold before the socket opens, and what is known then: all later lines are sent."""
    rights.before_handshake()
    g.active = live_events.active_runs(live_events.projects_of(current_user))


@sock.route("/api/ws", bp=bp)
@requires(SIGNED_IN, transaction=False)
def messages(ws: Server) -> None:
    """Send until the client goes, or the right to it ends. Nothing it says is read."""
    ApiSocket(ws).serve()


class ApiSocket:
    """Who listens, and to which projects and runs."""

    def __init__(self, ws: Server) -> None:
        self._ws = ws
        self._hub: Hub = current_app.extensions["live_hub"]
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._viewer = ApiViewer(ws, self._follow, partial(_read, app))
        self._projects: set[int] = set()

    def serve(self) -> None:
        with serving(self._hub, self._viewer):
            self._join(g.active)
            self._hear(g.opened)
            self._wait()

    def _wait(self) -> None:
        due = time.monotonic() + EVERY
        while True:
            left = due - time.monotonic()
            if left > 0:
                self._ws.receive(left)
                continue
            due = time.monotonic() + EVERY
            with suppress(SQLAlchemyError):  # a database that is away decides nothing
                self._hear(live_events.moment(ago=EVERY + SLACK))
                self._look()

    def _hear(self, after: str) -> None:
        """Hear the projects that are mine now, and no others. Raises Denied."""
        projects = rights.projects()
        for gone in self._projects - projects:
            self._viewer.ignore(gone)
            self._hub.leave(self._viewer, live_events.key(gone))
        for new in projects - self._projects:
            self._viewer.hear(new, after)
            self._hub.watch(self._viewer, live_events.key(new), after)
        self._projects = projects

    def _join(self, active: dict[int, Stored], *, whole: bool = False) -> None:
        """Follow runs that are under way, from now on or from their first line."""
        for run, stored in active.items():
            line = 0 if whole else stored.lines
            if self._viewer.follow(run, stored.project_id, line):
                self._follow(run, line)

    def _look(self) -> None:
        """Follow what has begun unheard, and see what has become of the runs that are followed.

        What began while Redis was away was not announced and is sent from its first line on.
        """
        was_cut_off, self._viewer.was_cut_off = self._viewer.was_cut_off, False
        self._join(rights.active(self._projects), whole=was_cut_off)
        followed = self._viewer.runs
        for run, stored in (rights.look(followed) if followed else {}).items():
            self._viewer.stored(run, stored)
            if stored.over:
                self._hub.leave(self._viewer, log_stream.key(run))

    def _follow(self, run: int, line: int = 0) -> None:
        self._hub.watch(self._viewer, log_stream.key(run), log_stream.cursor(max(0, line - 1)))


def _read(app: Flask, run_id: int, project_id: int, line: int) -> list[bytes]:
    """Frames for the next lines of a run from `line` on, some hundred KB of them."""
    frames: list[bytes] = []
    with app.app_context():
        stored = rights.look([run_id]).get(run_id)
        if stored is None:
            return []
        log = task_output.Log(run_id, stored.over, stored.lines, "")
        pieces, _ = task_output_pieces.between(log, line, line + AT_ONCE)
    for piece in pieces:
        for ms, texts in task_output.by_time(piece):
            frames += log_frames(run_id, project_id, ms, texts)
        if sum(map(len, frames)) > ENOUGH:
            break
    return frames

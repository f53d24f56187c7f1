"""The socket of an open page: events of its project, and lines of the runs it shows."""

import time
from contextlib import suppress
from typing import Annotated, Literal

from flask import Blueprint, Response, current_app, g
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from redis import RedisError
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError

from app.errors import DomainError
from app.extensions import sock
from app.guard import SIGNED_IN, requires
from app.lib import log_stream
from app.live import rights
from app.live.hub import Hub
from app.live.page_viewer import PageViewer
from app.live.serving import SLACK, serving
from app.schemas.base import Id
from app.services import live_events
from app.services.live_events import Stored

bp = Blueprint("page_socket", __name__)

Run = Annotated[Id, Field(ge=1)]
Count = Annotated[Id, Field(ge=0)]


class Hello(BaseModel):
    """Send me what came after the event `last`; without one: what comes from now on."""

    op: Literal["hello"]
    last: str = Field("", pattern=r"^(\d{1,19}(-\d{1,19})?)?$")


class Log(BaseModel):
    """Send me a run's lines from `from` on, and sections newer than `rev`."""

    op: Literal["log"]
    run: Run
    line: Count = Field(alias="from")
    rev: Count = 0


class Stop(BaseModel):
    """Send me no more lines of a run; a hidden page pauses, and asks for the log again."""

    op: Literal["stop", "pause"]
    run: Run


Asked = TypeAdapter[Hello | Log | Stop](Annotated[Hello | Log | Stop, Field(discriminator="op")])


@bp.before_request
def before_handshake() -> Response | None:
    """What must hold before the socket opens; a refusal is a status, not a page for people."""
    try:
        rights.before_handshake()
        g.wanted, g.projects = rights.wanted_project()
    except DomainError as error:
        return Response(f"{error}\n", error.status, mimetype="text/plain")
    return None


@sock.route("/ws", bp=bp)
@requires(SIGNED_IN, transaction=False)
def page(ws: Server) -> None:
    """Serve one page until it goes, or the right to it ends."""
    PageSocket(ws, g.wanted, g.projects).serve()


class PageSocket:
    """What a page says, and what is checked while it is open."""

    def __init__(self, ws: Server, wanted: int | None, projects: set[int]) -> None:
        self._ws, self._wanted, self._projects = ws, wanted, projects
        self._hub: Hub = current_app.extensions["live_hub"]
        self._viewer = PageViewer(ws)
        self._hears = False  # since its hello

    def serve(self) -> None:
        with serving(self._hub, self._viewer):
            self._listen()

    def _listen(self) -> None:
        due = time.monotonic() + rights.EVERY
        while True:
            left = due - time.monotonic()
            if left <= 0:
                due = time.monotonic() + rights.EVERY
                with suppress(SQLAlchemyError):  # a database that is away decides nothing
                    self._check()
            elif (message := self._ws.receive(left)) is not None:
                self._answer(message)

    def _answer(self, message: str | bytes) -> None:
        try:
            asked = Asked.validate_json(message)
        except ValidationError as error:
            self._viewer.tell(t="bad", why=error.errors()[0]["msg"])
            return
        match asked:
            case Hello():
                self._hello(asked.last)
            case Log():
                self._log(asked)
            case Stop():
                self._stop(asked.run)

    def _hello(self, last: str) -> None:
        """Replay what the page has missed; if some of it is gone, it must look at everything."""
        complete = not last or self._can_replay(last)
        after = last if last and complete else g.opened
        if self._wanted is None:
            after = live_events.earlier(after, SLACK)  # streams have no order among each other
        self._hears = True
        for project_id in self._projects:
            self._hear(project_id, after)
        if not complete:
            self._viewer.resync()

    def _can_replay(self, last: str) -> bool:
        try:
            return live_events.can_replay(self._projects, last)
        except RedisError:
            return False

    def _hear(self, project_id: int, after: str) -> None:
        self._viewer.hear(project_id, after)
        self._hub.watch(self._viewer, live_events.key(project_id), after)

    def _log(self, asked: Log) -> None:
        """What is stored is told by its number, what comes later is in the stream."""
        found = rights.look([asked.run]).get(asked.run)
        if found is None or found.project_id not in self._projects:
            self._viewer.tell(t="gone", r=asked.run)
            return
        if not self._viewer.follow(asked.run, asked.line, asked.rev):
            self._viewer.tell(t="bad", why="Too many runs", r=asked.run)
            return
        if not found.over:
            # Sections and the end stand at the number of the line that comes after them.
            after = log_stream.cursor(max(0, asked.line - 1))
            self._hub.watch(self._viewer, log_stream.key(asked.run), after)
        self._viewer.stored(asked.run, found)

    def _stop(self, run: int) -> None:
        self._viewer.unfollow(run)
        self._hub.leave(self._viewer, log_stream.key(run))

    def _check(self) -> None:
        """Is he still who he was, and may he still hear this? Raises Denied."""
        projects, runs = rights.projects(self._wanted), self._viewer.runs
        found = rights.look(runs) if runs else {}
        for gone in self._projects - projects:
            self._viewer.ignore(gone)
            self._hub.leave(self._viewer, live_events.key(gone))
        for new in projects - self._projects:
            if self._hears:
                self._hear(new, live_events.moment(ago=rights.EVERY + SLACK))
        self._projects = projects
        self._catch_up(runs, found)

    def _catch_up(self, runs: list[int], found: dict[int, Stored]) -> None:
        """Tell what of the followed runs is stored, in case the stream does not bring it."""
        for run in runs:
            stored = found.get(run)
            if stored is None or stored.project_id not in self._projects:
                self._viewer.tell(t="gone", r=run)
                self._stop(run)
                continue
            self._viewer.stored(run, stored)
            if stored.over:
                self._hub.leave(self._viewer, log_stream.key(run))

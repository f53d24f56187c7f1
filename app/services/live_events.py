"""What open pages and API sockets hear of a project: its events, and who may hear them.

Events are signals: {"t":"run","id":42,"tpl":7,"st":"running"}. A stream of each project keeps the
last thousand, so that a page that was away for a moment catches up. With each run's event travels
"update", the message that the API's socket sends for the same change.
"""

import json
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import RedisError
from sqlalchemy import ColumnElement, select

from app.db import db, on_commit
from app.extensions import PREFIX, redis
from app.models import FINISHED, HELD, Project, ProjectUser, Task, User

logger = logging.getLogger(__name__)

STREAM = f"{PREFIX}events:"
NOTHING = "0-0"  # the id that comes before every event
COLUMNS = (
    *(Task.id, Task.project_id, Task.template_id, Task.status, Task.line_count),
    *(Task.start, Task.end, Task.version),
)
KEPT = 1000  # events of a project; trimmed in blocks, so a few more may be there


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database has of a run's output; the stream may have more, unless it is over."""

    project_id: int
    lines: int
    over: bool
    update: dict[str, Any]  # the message of the API's socket for its status


def key(project_id: int) -> bytes:
    """The name of a project's stream."""
    return f"{STREAM}{project_id}".encode()


def publish(project_id: int, event: dict[str, Any]) -> None:
    """Tell those who watch the project, after commit; `event` becomes JSON and has a kind "t"."""
    on_commit(_send, project_id, json.dumps(event, separators=(",", ":")))


def _send(project_id: int, event: str) -> None:
    """While Redis is away nobody hears it; who watches then looks at everything once it is back."""
    try:
        redis.client.xadd(key(project_id), {"j": event}, maxlen=KEPT, approximate=True)
    except RedisError as error:
        logger.warning("event not sent", extra={"project_id": project_id, "error": str(error)})


def project_gone(project_id: int) -> None:
    """Delete, after commit, what is kept of a project's events: its id is never given again."""
    on_commit(_delete, project_id)


def _delete(project_id: int) -> None:
    try:
        redis.client.delete(key(project_id))
    except RedisError as error:
        logger.warning("events stay", extra={"project_id": project_id, "error": str(error)})


def run_changed(task: Task) -> None:
    """Tell, after commit, that a task has the status it has now."""
    event = {"t": "run", "id": task.id, "tpl": task.template_id, "st": task.status}
    publish(task.project_id, event | {"update": _update(task)})


def _update(task: Any) -> dict[str, Any]:
    """The original's message about a task, or a row with the columns of one."""
    return {
        "type": "update",
        "task_id": task.id,
        "template_id": task.template_id,
        "project_id": task.project_id,
        "status": task.status,
        "start": _moment(task.start),
        "end": _moment(task.end),
        "version": task.version,
    }


def _moment(when: datetime | None) -> str | None:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None


def moment(ago: float = 0.0) -> str:
    """The id of an event that happens now, or so many seconds ago.

    By the clock of Redis, which names the events; while it is away, by ours.
    """
    try:
        seconds, micros = redis.client.time()
    except RedisError:
        seconds, micros = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{int((seconds - ago) * 1000) + micros // 1000}-0"


def earlier(event_id: str, seconds: float) -> str:
    """The id of an event so many seconds before another one."""
    return f"{max(0, position(event_id)[0] - int(seconds * 1000))}-0"


def can_replay(project_ids: Collection[int], last: str) -> bool:
    """Whether the streams still hold every event of these projects after `last`.

    `last` is the id of an event, "0-0" for none at all, or a moment in ms since 1970. An event that
    is in no stream any more means that Redis has lost its data. Raises RedisError.
    """
    pipeline = redis.client.pipeline(transaction=False)
    for name in map(key, project_ids):
        pipeline.xlen(name)
        pipeline.xrange(name, count=1)
        pipeline.xrange(name, min=last, max=last)
    answers = pipeline.execute()
    known = last == NOTHING or "-" not in last or any(answers[2::3])
    return known and all(
        length < KEPT or position(first[0][0].decode()) <= position(last)
        for length, first in zip(answers[::3], answers[1::3], strict=True)
    )


def position(event_id: str) -> tuple[int, int]:
    """An id, or a moment in ms, as what can be compared."""
    ms, _, sequence = event_id.partition("-")
    return int(ms), int(sequence or 0)


def projects_of(user: User) -> set[int]:
    """The projects whose events a user may hear; a server admin hears all."""
    if user.admin:
        return set(db.session.scalars(select(Project.id)))
    return set(db.session.scalars(select(ProjectUser.project_id).filter_by(user_id=user.id)))


def look(run_ids: Collection[int]) -> dict[int, Stored]:
    """How far the output of these runs is in the database; one that was deleted is left out."""
    return _stored(Task.id.in_(run_ids))


def active_runs(project_ids: Collection[int]) -> dict[int, Stored]:
    """The runs of these projects that may write output now."""
    return _stored(Task.status.in_(HELD), Task.project_id.in_(project_ids))


def _stored(*conditions: ColumnElement[bool]) -> dict[int, Stored]:
    wanted = select(*COLUMNS).where(*conditions)
    return {
        row.id: Stored(row.project_id, row.line_count, row.status in FINISHED, _update(row))
        for row in db.session.execute(wanted)
    }

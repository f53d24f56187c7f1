"""What a page socket brings: lines and states that a test writes, and the frames of a kind."""

from collections.abc import Callable
from typing import Any

from app.db import transaction
from app.extensions import redis
from app.lib.line_writer import Batch
from app.lib.log_stream import Writer
from app.models import Task
from app.services import live_events
from tests.live.parts import Frame


def write(task: Task, first: int, count: int) -> None:
    text = b"".join(b"line %d\n" % number for number in range(first, first + count))
    Writer(redis.client, task.id).batch(Batch(first, count, 1_732_354_808_123, text))


def changed(task: Task) -> str:
    """Announce the status of a task; the id of the event."""
    with transaction():
        live_events.run_changed(task)
    entries: Any = redis.client.xrevrange(live_events.key(task.project_id), count=1)
    return entries[0][0].decode()


def is_a(kind: str) -> Callable[[Frame], bool]:
    return lambda frame: frame["t"] == kind

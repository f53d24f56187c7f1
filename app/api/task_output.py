"""The output of a task, sent while it is read: it may have a million lines."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response, stream_with_context
from pydantic_core import to_json

from app.guard import Permission, requires
from app.models import Project
from app.services import task_output
from app.services.task_output import Log

bp = Blueprint(
    "api_task_output", __name__, url_prefix="/project/<id:project_id>/tasks/<id:task_id>"
)

PIECE = 64 * 1024  # bytes that are sent at once


@bp.get("/output")
@requires(Permission.VIEW, transaction=False)
def show(project: Project, task_id: int):
    """Every line with its time."""
    log = task_output.find(project, task_id)
    return Response(stream_with_context(_pieces(_json(log))), mimetype="application/json")


@bp.get("/raw_output")
@requires(Permission.VIEW, transaction=False)
def show_raw(project: Project, task_id: int):
    """Plain text: escape sequences are left out."""
    log = task_output.find(project, task_id)
    text = task_output.raw(log, plain=True)
    return Response(stream_with_context(text), mimetype="text/plain")


def _json(log: Log) -> Iterator[bytes]:
    """A JSON list with an object for each line, in parts."""
    yield b"["
    for number, (ms, line) in enumerate(task_output.timed(log), 1):
        record = {
            "id": number,
            "task_id": log.id,
            "time": datetime.fromtimestamp(ms / 1000, UTC),
            "output": line.decode(errors="replace"),
        }
        yield (b"," if number > 1 else b"") + to_json(record)
    yield b"]\n"


def _pieces(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces."""
    piece = bytearray()
    for part in parts:
        piece += part
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)

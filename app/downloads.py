"""Answers that a browser saves as a file, whatever is in them: nothing of it runs here."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import AnyStr
from urllib.parse import quote

from flask import Response, stream_with_context

from app.db import transaction
from app.models import Project
from app.services import task_artifacts

FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so


def attachment(name: str, content: str | Iterator[AnyStr], mimetype: str) -> Response:
    """A file of this name; what is no text is sent while it is read."""
    body = content if isinstance(content, str) else stream_with_context(content)
    answer = Response(body, mimetype=mimetype)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    answer.headers.set("Content-Disposition", "attachment", filename=plain)
    if plain != name:  # RFC 6266: a header is Latin-1, and most names are read as UTF-8
        answer.headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(name, safe='')}"
    return answer


def artifact(project: Project, task_id: int, artifact_id: int) -> Response:
    """The bytes of a file that a run has left behind. Raises NotFound.

    The view is in no transaction: who reads slowly holds no connection.
    """
    with transaction(write=False):
        row = task_artifacts.get(project, task_id, artifact_id)
    name = row.name.rpartition("/")[2]
    answer = attachment(name, task_artifacts.content(row.id), "application/octet-stream")
    answer.headers["Content-Length"] = str(row.size)
    return answer


def csv_line(values: Iterable[object]) -> str:
    """A line of CSV (RFC 4180); a spreadsheet must not take a text for a formula."""
    out = io.StringIO()
    csv.writer(out).writerow(map(_cell, values))
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value

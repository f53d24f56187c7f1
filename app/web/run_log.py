"""The data of a run's log: lines, sections, search for the log viewer; raw text for everybody."""

import re
from typing import Any

from flask import Blueprint, Response, jsonify, request, stream_with_context

from app.errors import Invalid
from app.guard import Permission, requires
from app.lib.log_search import Query
from app.models import Project
from app.services import task_output
from app.services.task_output import Log

bp = Blueprint("run_log", __name__, url_prefix="/p/<id:project_id>/runs/<id:task_id>")

COUNT = 500  # lines of an answer, if the address does not say
LARGEST = 2**62  # of numbers in the address; their sums stay what a database takes
FINAL = "private, max-age=604800, immutable"
CHECKED = "private, no-cache"


@bp.get("/lines")
@requires(Permission.VIEW, transaction=False)
def lines(project: Project, task_id: int):
    start, count = _number("from", 0), _number("count", COUNT)
    found = task_output.lines(task_output.find(project, task_id), start, count)
    answer = {
        "from": found.start,
        "total": found.total,
        "done": found.done,
        "t": found.marks,
        "l": found.lines,
    }
    return _json(answer, is_final=found.done and 0 < count == len(found.lines))


@bp.get("/sections")
@requires(Permission.VIEW, transaction=False)
def sections(project: Project, task_id: int):
    since = _number("since", 0)
    rev, changed = task_output.sections(task_output.find(project, task_id), since)
    return _json({"rev": rev, "s": changed})


@bp.get("/search")
@requires(Permission.VIEW, transaction=False)
def search(project: Project, task_id: int):
    query, start = _query(), _number("from", 0)
    found = task_output.search(task_output.find(project, task_id), query, start)
    return _json({"total": found.total, "lines": found.lines, "more": found.more})


@bp.get("/log.txt")
@requires(Permission.VIEW, transaction=False)
def text(project: Project, task_id: int):
    times = _choice("time", "none", "iso") == "iso"
    log = task_output.find(project, task_id)
    return _stream(log, ".log", plain=True, times=times)


@bp.get("/log.ansi")
@requires(Permission.VIEW, transaction=False)
def ansi(project: Project, task_id: int):
    return _stream(task_output.find(project, task_id), ".ansi.log")


@bp.errorhandler(Invalid)
def refuse(error: Invalid):
    """What the address asks for cannot be answered: say which part of it, and why."""
    return jsonify(error=str(error), fields=error.fields), error.page_status


def _json(answer: dict[str, Any], *, is_final: bool = False) -> Response:
    """`is_final`: it will never change; else it is asked for again, with its ETag."""
    response = jsonify(answer)
    response.headers["Cache-Control"] = FINAL if is_final else CHECKED
    response.add_etag(weak=True)
    return response.make_conditional(request)  # type: ignore[return-value]


def _stream(log: Log, suffix: str, **options: bool) -> Response:
    """The whole log, sent while it is read; a page of chunks at a time is in memory."""
    pieces = stream_with_context(task_output.raw(log, **options))
    response = Response(pieces, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = CHECKED
    name = f"{_slug(log.template)}-{log.id}{suffix}"
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "run"


def _query() -> Query:
    is_pattern, case = (_choice(name, "0", "1") == "1" for name in ("re", "cs"))
    try:
        return Query(request.args.get("q", ""), pattern=is_pattern, case=case)
    except ValueError as error:
        raise Invalid({"q": str(error)}) from error


def _choice(name: str, default: str, *others: str) -> str:
    value = request.args.get(name, default)
    if value not in (default, *others):
        raise Invalid({name: f"Must be one of {', '.join((default, *others))}"})
    return value


def _number(name: str, default: int) -> int:
    value = request.args.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,19}", value) or int(value) > LARGEST:
        raise Invalid({name: "Must be a number from 0"})
    return int(value)

"""The only place that turns exceptions into responses.

Three kinds of receivers: the API gets JSON, HTMX a status it acts on, everybody else a page.
"""

import json
import logging
import re
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing.exceptions import WebsocketMismatch

from app.bodies import WholeBody
from app.db import db
from app.errors import (
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from app.integrity import refusal
from app.logs import request_id
from app.urls import BadId

logger = logging.getLogger(__name__)

# How SQLite, PostgreSQL and MySQL say that a table or a column is missing.
OTHER_TABLES = re.compile(
    r"no such (table|column)|has no column named"
    r"|(relation|column) .* does not exist|Unknown column|Table .* doesn't exist"
)


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, respond)
    app.register_error_handler(IntegrityError, lambda e: respond(refusal(e)))
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(TimeoutError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def respond(error: DomainError) -> Response:
    """Answer a refusal in the words of its receiver; nothing of the request is kept."""
    db.session.rollback()
    answer = _answer(error)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _answer(error: DomainError) -> Response:
    if _is_api():
        return _json({"error": str(error), **error.extra}, error.status)
    if isinstance(error, Unauthenticated):
        return _sign_in()
    return _page(error.page_status, str(error))


def _is_api() -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body) + "\n", status, mimetype="application/json")


def _sign_in() -> Response:
    """Send a page to the sign-in and back; a fragment tells HTMX to do so."""
    if request.headers.get("HX-Request"):
        target = url_for("sign_in.show", next=request.headers.get("HX-Current-URL", "/"))
        return Response("", 401, {"HX-Redirect": target})
    if request.method == "GET":
        return make_response(redirect(url_for("sign_in.show", next=request.full_path.rstrip("?"))))
    return make_response(redirect(url_for("sign_in.show")))


def _page(status: int, message: str) -> Response:
    """The error page, or for a fragment a toast: nothing is swapped then."""
    if request.headers.get("HX-Request"):
        toast = {"text": f"{message} ({request_id.get()})", "kind": "fail"}
        headers = {"HX-Trigger": json.dumps({"toast": toast}), "HX-Reswap": "none"}
        return Response("", status, headers)
    g.pop("project", None) if status == NotFound.page_status else None
    html = render_template(
        "error.html", status=status, message=message, request_id=request_id.get()
    )
    return Response(html, status, {"Cache-Control": "no-store"})


def _http(error: HTTPException) -> Response:
    """What Flask itself refuses. A method that is not routed is as unknown as its path."""
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    if error.code in (404, 405) or (isinstance(error, BadId) and not _is_api()):
        return respond(NotFound("Not found"))
    if error.code == HTTPStatus.FORBIDDEN:
        return respond(Forbidden(error.description or "Not allowed"))
    if isinstance(error, RequestEntityTooLarge) and isinstance(request, WholeBody):
        error.description = request.too_large
    if isinstance(error, WebsocketMismatch):
        if not current_user.is_authenticated:
            return respond(Unauthenticated("Sign in first"))
        error.description = "Only WebSockets are served here"
    if _is_api():
        return _json({"error": error.description or error.name}, error.code or 500)
    return _page(error.code or 500, error.description or error.name)


def _database(error: DBAPIError | TimeoutError) -> Response:
    """A server that is away, or one whose connections are all in use, is asked again later."""
    if isinstance(error, DBAPIError) and OTHER_TABLES.search(str(error.orig)):
        logger.error("the tables are of another release", exc_info=error)
        return respond(Unavailable("The tables are of another release: run flask db upgrade"))
    if isinstance(error, DataError):  # PostgreSQL stores no zero byte
        return respond(Invalid({"form": "It holds a character that cannot be stored"}))
    if isinstance(error, OperationalError | TimeoutError):
        logger.error("the database does not answer", exc_info=error)
        return respond(Unavailable("The database does not answer; nothing was changed"))
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    """Our own failure: the traceback goes to the log under the id that the user sees."""
    logger.error("unexpected error", exc_info=error, extra={"path": request.path})
    db.session.rollback()
    if _is_api():
        return _json({"error": "Internal error", "id": request_id.get()}, 500)
    return _page(500, "Something broke on our side")

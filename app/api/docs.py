"""The API's document, for programs and for readers. It is the same for everybody: no secrets."""

from typing import Any

from flask import Blueprint, current_app, render_template, request

from app.api import openapi, reference
from app.api.wire import plain
from app.errors import NotFound
from app.guard import PUBLIC, requires

bp = Blueprint("api_docs", __name__, url_prefix="/docs")


@bp.get("/openapi.json")
@requires(PUBLIC, transaction=False)
def document():
    """This document."""
    return plain(_document())


@bp.get("")
@requires(PUBLIC)
def index():
    """This document as pages: all operations, or with `q` those that contain its words."""
    text = request.args.get("q", "").strip()
    groups = reference.groups(_document(), text)
    count = sum(len(entries) for _, entries in groups)
    return render_template("api_docs/list.html", groups=groups, count=count, q=text)


@bp.get("/<name>")
@requires(PUBLIC)
def show(name: str):
    """The page of one operation, by its `operationId`."""
    document = _document()
    if (entry := reference.find(document, name)) is None:
        raise NotFound("Not found")
    operation = document["paths"][entry.path][entry.method.lower()]
    return render_template(
        "api_docs/operation.html",
        entry=entry,
        more=operation["description"].rpartition("Who may: ")[0].strip(),
        operation=operation,
        kind=reference.kind,
        **_body(document, entry, operation),
        answers=[_answer(document, *said) for said in operation["responses"].items()],
    )


def _body(document: openapi.Json, entry: reference.Entry, operation: openapi.Json) -> openapi.Json:
    """What goes in: its fields, an example, and the command that sends it."""
    said = operation.get("requestBody", {}).get("content", {}).get(openapi.JSON, {})
    body = said.get("example")
    return {
        "fields": list(reference.fields(document, said["schema"])) if said else [],
        "example": body,
        "curl": reference.curl(request.host_url.rstrip("/") + request.script_root, entry,
                               operation, body),
    }  # fmt: skip


def _answer(document: openapi.Json, status: str, said: openapi.Json) -> tuple[str, str, Any]:
    """Status, text, and of a success an example."""
    schema = _schema(said)
    if schema is None or not status.startswith("2"):
        return status, said["description"], None
    return status, said["description"], reference.example(document, schema)


def _schema(said: openapi.Json) -> openapi.Json | None:
    return said.get("content", {}).get(openapi.JSON, {}).get("schema")


def _document() -> openapi.Json:
    return openapi.document(current_app, request.script_root or "/")

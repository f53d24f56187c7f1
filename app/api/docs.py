"""The API's document, for programs and for readers. It is the same for everybody: no secrets."""

from flask import Blueprint, current_app, request

from app.api import openapi
from app.api.wire import plain
from app.guard import PUBLIC, requires

bp = Blueprint("api_docs", __name__, url_prefix="/docs")


@bp.get("/openapi.json")
@requires(PUBLIC, transaction=False)
def document():
    """This document."""
    return plain(openapi.document(current_app, request.script_root or "/"))

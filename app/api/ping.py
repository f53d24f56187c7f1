from flask import Blueprint, Response

from app.guard import PUBLIC, requires

bp = Blueprint("api_ping", __name__)


@bp.get("/ping")
@requires(PUBLIC, transaction=False)
def show():
    """Answer `pong`."""
    return Response("pong", mimetype="text/plain")

"""What load balancers and people who watch a server ask for."""

from flask import Blueprint, jsonify

from app.guard import PUBLIC, requires
from app.services import health

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@requires(PUBLIC, transaction=False)
def show():
    """Each part with "ok" or what is wrong; 503 if one of them does not work."""
    parts = health.check()
    healthy = all(state == "ok" for state in parts.values())
    return jsonify(status="ok" if healthy else "failing", parts=parts), 200 if healthy else 503

"""Pages for administrators of the server."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint

from app.guard import ADMIN, requires
from app.models import Worker
from app.services import health, key_words, protection, storage_words, workers
from app.version import VERSION
from app.web import hx

bp = Blueprint("admin", __name__, url_prefix="/admin")

PARTS = {"database": "Database", "redis": "Redis", "worker": "Worker", "disk": "Disk"}
TONES = {"ok": "ok", "note": "queue", "bad": "fail"}


@bp.get("/system")
@requires(ADMIN)
def system():
    """What works, which workers there are, and what tasks can reach on their machines."""
    return hx.render("admin/system.html", block="parts", version=VERSION, **_own(), **_state())


def _own() -> dict[str, list[protection.Line]]:
    """Only for the whole page: what is fetched again every few seconds need not decrypt and count
    it all."""
    if hx.is_partial():
        return {}
    return {"keys": list(key_words.lines()), "storage": list(storage_words.lines())}


def _state() -> dict[str, Any]:
    online = workers.online()
    return {
        "parts": [(PARTS[name], state) for name, state in health.check().items()],
        "workers": [(w, datetime.fromtimestamp(w.started / 1000, UTC)) for w in online],
        "protection": [(worker, list(_lines(worker))) for worker in online],
        "tones": TONES,
    }


def _lines(worker: Worker) -> list[protection.Line]:
    """Nothing in the first seconds of a worker, until it has tried."""
    facts = worker.facts.get("isolation")
    return list(protection.lines(facts)) if facts else []

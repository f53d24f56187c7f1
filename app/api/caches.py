from flask import Blueprint

from app.api.wire import done
from app.guard import ADMIN, requires
from app.services import caches

bp = Blueprint("api_caches", __name__, url_prefix="/cache")


@bp.delete("")
@requires(ADMIN)
def delete():
    """Delete the caches of all projects."""
    caches.clear_everything()
    return done()

from flask import Blueprint
from flask_login import current_user

from app.api.wire import done
from app.guard import ADMIN, requires
from app.services import caches

bp = Blueprint("api_caches", __name__, url_prefix="/cache")


@bp.delete("")
@requires(ADMIN)
def delete():
    """Delete the caches of all projects."""
    caches.clear_everything(actor=current_user)
    return done()

from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, dump
from app.guard import ADMIN, SIGNED_IN, requires
from app.schemas.options import OptionIn, OptionOut
from app.services import options

bp = Blueprint("api_options", __name__)


@bp.get("/options")
@requires(ADMIN)
def index():
    """Values that clients keep on the server."""
    return dump(dict[str, str], options.of_server())


@bp.post("/options")
@requires(ADMIN)
def create():
    """Keep a value."""
    return dump(OptionOut, options.keep(body(OptionIn)))


@bp.get("/user/options")
@requires(SIGNED_IN)
def index_own():
    """What clients keep of the one who asks."""
    return dump(dict[str, str], options.of_user(current_user))


@bp.post("/user/options")
@requires(SIGNED_IN)
def create_own():
    """Keep a value of the one who asks."""
    return dump(OptionOut, options.keep_for(current_user, body(OptionIn)))

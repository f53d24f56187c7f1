from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all
from app.guard import ADMIN, SIGNED_IN, requires
from app.schemas.apps import AppActiveIn, AppIn, AppOut, ListedAppOut
from app.services import apps

bp = Blueprint("api_apps", __name__, url_prefix="/apps")


@bp.get("")
@requires(SIGNED_IN)
def index():
    return dump_all(ListedAppOut, list(apps.all_by_id().values()))


@bp.get("/<app_name>")
@requires(ADMIN)
def show(app_name: str):
    return dump(AppOut, apps.get(app_name))


@bp.put("/<app_name>")
@bp.post("/<app_name>", endpoint="create")
@requires(ADMIN)
def update(app_name: str):
    apps.put(app_name, body(AppIn), actor=current_user)
    return done()


@bp.delete("/<app_name>")
@requires(ADMIN)
def delete(app_name: str):
    apps.delete(app_name, actor=current_user)
    return done()


@bp.post("/<app_name>/active")
@requires(ADMIN)
def set_active(app_name: str):
    """Switch an app on or off."""
    apps.set_active(app_name, body(AppActiveIn).active, actor=current_user)
    return done()

from flask import Blueprint, g
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all
from app.db import transaction
from app.guard import ADMIN, SIGNED_IN, requires
from app.models import User
from app.schemas.users import PasswordIn, UserBrief, UserChange, UserIn, UserOut
from app.services import auth, users

bp = Blueprint("api_users", __name__, url_prefix="/users")


@bp.get("")
@requires(SIGNED_IN)
def index():
    return dump_all(UserOut if current_user.admin else UserBrief, users.list_all())


@bp.post("")
@requires(ADMIN, transaction=False)
def create():
    data = body(UserIn)
    hashed = users.hash_of(data)
    with transaction():
        user = users.create(data, actor=current_user, hashed=hashed)
    return dump(UserOut, user, 201)


@bp.get("/<id:user_id>")
@requires(SIGNED_IN)
def show(user_id: int):
    return dump(UserOut, users.get_for(user_id, actor=current_user))


@bp.put("/<id:user_id>")
@requires(SIGNED_IN, transaction=False)
def update(user_id: int):
    _get(user_id)  # whoever may not, learns nothing of his body
    data = body(UserChange)
    hashed, kept = users.hash_of(data), g.get("session_id")
    with transaction():
        users.update(user_id, data, actor=current_user, hashed=hashed, keep_session=kept)
    return done()


@bp.delete("/<id:user_id>")
@requires(SIGNED_IN)
def delete(user_id: int):
    users.delete(user_id, actor=current_user)
    return done()


@bp.post("/<id:user_id>/password")
@requires(SIGNED_IN, transaction=False)
def change_password(user_id: int):
    """Set a password; the user's other sessions end."""
    user = _get(user_id)
    auth.change_password(
        user, body(PasswordIn).password, actor=current_user, keep_session=g.get("session_id")
    )
    return done()


def _get(user_id: int) -> User:
    """Whom the user may manage; no transaction is open afterwards."""
    with transaction(write=False):
        return users.get_for(user_id, actor=current_user)

from flask import Blueprint, g
from flask_login import current_user

from app.api.wire import body, done, dump
from app.guard import ADMIN, SIGNED_IN, requires
from app.schemas.users import PasswordIn, UserBrief, UserChange, UserIn, UserOut
from app.services import auth, users

bp = Blueprint("api_users", __name__, url_prefix="/users")


@bp.get("")
@requires(SIGNED_IN)
def index():
    return dump(UserOut if current_user.admin else UserBrief, users.list_all())


@bp.post("")
@requires(ADMIN)
def create():
    return dump(UserOut, users.create(body(UserIn), actor=current_user), 201)


@bp.get("/<id:user_id>")
@requires(SIGNED_IN)
def show(user_id: int):
    return dump(UserOut, users.get_for(user_id, actor=current_user))


@bp.put("/<id:user_id>")
@requires(SIGNED_IN)
def update(user_id: int):
    users.get_for(user_id, actor=current_user)  # whoever may not, learns nothing of his body
    users.update(user_id, body(UserChange), actor=current_user, keep_session=g.get("session_id"))
    return done()


@bp.delete("/<id:user_id>")
@requires(SIGNED_IN)
def delete(user_id: int):
    users.delete(user_id, actor=current_user)
    return done()


@bp.post("/<id:user_id>/password")
@requires(SIGNED_IN, transaction=False)
def change_password(user_id: int):
    user = users.get_for(user_id, actor=current_user)
    auth.change_password(user, body(PasswordIn).password, keep_session=g.get("session_id"))
    return done()

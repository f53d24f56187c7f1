"""The user who asks, and his tokens."""

from flask import Blueprint
from flask_login import current_user

from app import guard
from app.api.wire import body, done, dump, dump_all
from app.guard import SIGNED_IN, requires
from app.schemas.api_tokens import ApiTokenIn, ApiTokenOut
from app.schemas.users import AccountOut
from app.services import api_tokens

bp = Blueprint("api_account", __name__, url_prefix="/user")


@bp.get("")
@requires(SIGNED_IN)
def show():
    """Who asks."""
    shown = AccountOut.model_validate(current_user._get_current_object())
    shown.can_create_project = guard.may_create_projects()
    return dump(AccountOut, shown)


@bp.get("/tokens")
@requires(SIGNED_IN)
def index_tokens():
    """One's tokens."""
    return dump_all(ApiTokenOut, api_tokens.list_for(current_user))


@bp.post("/tokens")
@requires(SIGNED_IN)
def create_token():
    """Make a token."""
    data = body(ApiTokenIn, optional=True)
    row, secret = api_tokens.create(current_user, name=data.name, expires_at=data.expires_at)
    shown = ApiTokenOut.model_validate(row)
    shown.id = secret  # only now; lists show its beginning
    return dump(ApiTokenOut, shown, 201)


@bp.delete("/tokens/<token>")
@requires(SIGNED_IN)
def delete_token(token: str):
    """Revoke a token, named by the whole or its first eight letters."""
    api_tokens.delete(current_user, token)
    return done()

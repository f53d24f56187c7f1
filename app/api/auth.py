"""Sign in and out with a cookie."""

from flask import Blueprint, g, request

from app import csrf, identity
from app.api.wire import body, done, plain
from app.db import transaction
from app.errors import DomainError
from app.guard import PUBLIC, requires
from app.schemas.users import SignIn
from app.services import auth, sessions

bp = Blueprint("api_auth", __name__, url_prefix="/auth")


@bp.get("/login")
@requires(PUBLIC)
def show():
    return plain(
        {
            "oidc_providers": [],
            "login_with_password": auth.offers_password(),
            "auth_methods": {},
        }
    )


@bp.post("/login")
@requires(PUBLIC, transaction=False)
def create():
    csrf.check_origin()
    data = body(SignIn)
    if not data.password:
        raise DomainError("password: Cannot be empty")
    try:
        user = auth.sign_in(data.auth, data.password, ip=request.remote_addr or "")
    except auth.WrongCredentials:
        return done(401)  # clients and the contract suite expect no body here
    with transaction():
        secret = sessions.open_for(
            user, ip=request.remote_addr or "", user_agent=request.user_agent.string
        )
    answer = done()
    identity.remember(answer, secret, secure=request.is_secure)
    return answer


@bp.post("/logout")
@requires(PUBLIC)
def delete():
    if session_id := g.get("session_id"):
        sessions.close(session_id)
    answer = done()
    identity.forget(answer)
    return answer

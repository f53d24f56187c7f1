"""Sign in and out, with a cookie or with a pair of tokens."""

from flask import Blueprint, g, request

from app import csrf, identity
from app.api.wire import body, done, dump, plain
from app.db import transaction
from app.errors import DomainError, Unauthenticated
from app.guard import PUBLIC, requires
from app.models import User
from app.schemas.users import RefreshIn, SignIn
from app.services import auth, sessions, token_pairs
from app.services.token_pairs import Pair

bp = Blueprint("api_auth", __name__, url_prefix="/auth")


@bp.get("/login")
@requires(PUBLIC)
def show():
    """How one can sign in."""
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
    """Sign in with a cookie."""
    csrf.check_origin()
    try:
        user = _user(body(SignIn))
    except auth.WrongCredentials:
        return done(401)  # clients and the contract suite expect no body here
    with transaction():
        secret = sessions.open_for(user, **_client())
    answer = done()
    identity.remember(answer, secret)
    return answer


@bp.post("/logout")
@requires(PUBLIC)
def delete():
    """End the session."""
    if session_id := g.get("session_id"):
        sessions.close(session_id)
    answer = done()
    identity.forget(answer)
    return answer


@bp.post("/token")
@requires(PUBLIC, transaction=False)
def create_pair():
    """Sign in with a pair of tokens."""
    try:
        user = _user(body(SignIn))
    except auth.WrongCredentials as error:
        raise Unauthenticated("INVALID_CREDENTIALS") from error
    with transaction():
        pair = token_pairs.open_for(user, **_client())
    return dump(Pair, pair)


@bp.post("/refresh")
@requires(PUBLIC, transaction=False)
def refresh():
    """Another pair for a refresh token, which is used up."""
    token = body(RefreshIn).refresh_token
    with transaction():  # what a stolen token ends stays ended, whatever is answered
        pair = token_pairs.refresh(token)
    if pair is None:
        raise Unauthenticated("The refresh token is not valid. Sign in again")
    return dump(Pair, pair)


@bp.post("/revoke")
@requires(PUBLIC)
def revoke():
    """End the session of a pair of tokens."""
    for token in (body(RefreshIn, optional=True).refresh_token, identity.bearer(request)):
        token_pairs.revoke(token)
    return done()


def _user(data: SignIn) -> User:
    """Who signs in. Raises WrongCredentials."""
    if not data.password:
        raise DomainError("password: Cannot be empty")
    return auth.sign_in(data.auth, data.password, ip=request.remote_addr or "")


def _client() -> dict[str, str]:
    return {"ip": request.remote_addr or "", "user_agent": request.user_agent.string}

"""One's own account: profile, password, tokens, sessions, appearance."""

from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_login import current_user

from app.clock import utcnow
from app.errors import NotFound
from app.guard import SIGNED_IN, requires
from app.schemas.account import PasswordChangeIn, ProfileIn, TokenIn
from app.schemas.users import UserChange
from app.services import api_tokens, auth, events, sessions, users
from app.web import hx
from app.web.forms import Form

bp = Blueprint("account", __name__, url_prefix="/me")

TABS = (
    ("Profile", "account.show"),
    ("Security", "account.security"),
    ("Tokens", "account.tokens"),
    ("Sessions", "account.sessions_page"),
    ("Appearance", "account.appearance"),
)

# Names, values and defaults (the first ones) are app.js's, and those of the boot script.
LOOKS = (
    ("Theme", "theme", (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))),
    ("Density", "density", (("normal", "Normal"), ("compact", "Compact"))),
    ("Logs", "log", (("theme", "As the theme"), ("dark", "Always dark"))),
    ("Shortcuts of a single key", "keys", (("on", "On"), ("off", "Off"))),
)


@bp.get("/profile")
@requires(SIGNED_IN)
def show():
    return _profile(_profile_form())


@bp.post("/profile")
@requires(SIGNED_IN)
def update():
    form = _profile_form()
    if not form.submit(_save_profile):
        return _profile(form), form.status
    return hx.redirect(url_for(".show"), "Profile saved")


@bp.get("/security")
@requires(SIGNED_IN)
def security():
    return _security(Form(PasswordChangeIn))


@bp.post("/security")
@requires(SIGNED_IN, transaction=False)
def change_password():
    """All other browsers are signed out. No transaction is open while it hashes."""
    form = Form(PasswordChangeIn)
    if not form.submit(_change_password):
        return _security(form), form.status
    return hx.redirect(url_for(".security"), "Password changed. Other sessions were signed out")


@bp.get("/tokens")
@requires(SIGNED_IN)
def tokens():
    return _tokens(Form(TokenIn))


@bp.post("/tokens")
@requires(SIGNED_IN)
def create_token():
    """The token is in this answer and nowhere else: no cookie carries it, no cache keeps it."""
    form = Form(TokenIn)
    if not form.submit(_create_token):
        return _tokens(form), form.status
    form.values = dict.fromkeys(form.values, "")  # ready for the next one
    answer = _tokens(form, secret=form.result[1])
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/tokens/<prefix>/delete")
@requires(SIGNED_IN)
def confirm_delete_token(prefix: str):
    token = next((t for t in api_tokens.list_for(current_user) if t.prefix == prefix), None)
    if token is None:
        raise NotFound("Token not found")
    return _page("token_delete", "Tokens", block="dialog", token=token)


@bp.post("/tokens/<prefix>/delete")
@requires(SIGNED_IN)
def delete_token(prefix: str):
    api_tokens.delete(current_user, prefix)
    return hx.redirect(url_for(".tokens"), "Token revoked")


@bp.get("/sessions")
@requires(SIGNED_IN)
def sessions_page():
    mine = sessions.list_for(current_user)
    return _page("sessions", "Sessions", sessions=mine, this=g.get("session_id"))


@bp.post("/sessions/<prefix>/delete")
@requires(SIGNED_IN)
def delete_session(prefix: str):
    sessions.close_one(current_user, prefix)
    return hx.redirect(url_for(".sessions_page"), "Session signed out")


@bp.post("/sessions/delete")
@requires(SIGNED_IN)
def delete_other_sessions():
    sessions.close_others(current_user, but=g.get("session_id"))
    return hx.redirect(url_for(".sessions_page"), "All other sessions were signed out")


@bp.get("/appearance")
@requires(SIGNED_IN)
def appearance():
    return _page("appearance", "Appearance", looks=LOOKS)


def _page(name: str, tab: str, *, block: str | None = None, **context: Any) -> Response:
    tabs = [(text, url_for(endpoint)) for text, endpoint in TABS]
    return hx.render(f"account/{name}.html", block=block, tabs=tabs, tab=tab, **context)


def _profile_form() -> Form:
    return Form(ProfileIn, users.get(current_user.id))


def _profile(form: Form) -> Response:
    change = events.last_of(form.obj) if form.theirs else None
    return _page("profile", "Profile", form=form, change=change)


def _security(form: Form) -> Response:
    told = events.of_account(current_user)
    return _page("security", "Security", form=form, events=told)


def _tokens(form: Form, secret: str = "") -> Response:
    mine = api_tokens.list_for(current_user)
    return _page("tokens", "Tokens", form=form, tokens=mine, secret=secret, now=utcnow())


def _save_profile(data: ProfileIn) -> None:
    """Rights and alerts are not his own to change here."""
    kept = {"admin": current_user.admin, "alert": current_user.alert}
    users.update(current_user.id, UserChange(**data.model_dump(), **kept), actor=current_user)


def _change_password(data: PasswordChangeIn) -> None:
    auth.change_password(
        current_user,
        data.password,
        actor=current_user,
        current=data.current,
        keep_session=g.get("session_id"),
    )


def _create_token(data: TokenIn) -> Any:
    return api_tokens.create(current_user, name=data.name, expires_at=data.expires_at)

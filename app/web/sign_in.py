"""Signing in with a password, and out."""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, request, url_for
from flask_login import current_user

from app import identity
from app.db import transaction
from app.errors import DomainError, TooMany
from app.guard import PUBLIC, requires
from app.services import auth, sessions, setup
from app.web import hx

bp = Blueprint("sign_in", __name__)


@bp.get("/login")
@requires(PUBLIC)
def show():
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next")))
    if setup.is_needed():
        return redirect(url_for("setup.show"))
    return _page()


@bp.post("/login")
@requires(PUBLIC, transaction=False)
def create():
    """Sign in. Hashing takes its time: no transaction is open then."""
    ip = request.remote_addr or ""
    try:
        user = auth.sign_in(
            request.form.get("username", ""), request.form.get("password", ""), ip=ip
        )
    except (auth.WrongCredentials, TooMany) as error:
        return _refused(error)
    with transaction():
        if g.get("session_id"):
            sessions.close(g.session_id)
        secret = sessions.open_for(user, ip=ip, user_agent=str(request.user_agent))
    response = hx.redirect(local_path(request.form.get("next")))
    identity.remember(response, secret)
    return response


@bp.post("/logout")
@requires(PUBLIC)
def destroy():
    """Sign this browser out; what it has kept of our pages goes as well."""
    if g.get("session_id"):
        sessions.close(g.session_id)
    response = hx.redirect(url_for(".show"))
    identity.forget(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _page(error: str = "") -> Response:
    """The form, with what was typed but the password."""
    return hx.render(
        "sign_in/show.html",
        error=error,
        username=request.form.get("username", ""),
        next=local_path(request.values.get("next")),
        with_password=auth.offers_password(),
    )


def _refused(error: DomainError) -> Response:
    response = _page(str(error))
    response.status_code = error.page_status
    response.headers["Cache-Control"] = "no-store"
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def local_path(target: str | None) -> str:
    """Where to go after signing in: a path of this server, whatever somebody put into the link.

    A browser reads `//host`, `/\\host` and `/<tab>/host` as other hosts.
    """
    home = url_for("legacy.home")
    try:
        parts = urlsplit(target or home)
    except ValueError:
        return home
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    is_ours = parts.netloc in ("", request.host)
    return path if is_ours and re.fullmatch(r"/(?!/)[!-\[\]-~]*", path) else home

"""The first visit: the account of the first administrator, and a demo project."""

import ipaddress

from flask import Blueprint, Request, Response, request, url_for

from app import identity, invitation
from app.db import transaction
from app.extensions import settings
from app.guard import PUBLIC, requires
from app.models import Project
from app.schemas.setup import SetupIn
from app.services import sessions, setup
from app.web import hx
from app.web.forms import Form

bp = Blueprint("setup", __name__, url_prefix="/setup")

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
FORWARDING = ("Forwarded", "X-Real-Ip")


@bp.get("")
@requires(PUBLIC)
def show():
    if not setup.is_needed():
        return hx.redirect(url_for("legacy.home"))
    token = request.args.get("token", "")
    if not _is_trusted(token):
        return _ask_for_token(wrong=bool(token))
    return _page(Form(SetupIn), token)


@bp.get("/_tools")
@requires(PUBLIC)
def tools():
    """The programs that were found; the page asks again, since a worker tells the versions."""
    if not setup.is_needed():
        return Response(status=204)
    return hx.render("setup/show.html", block="tools", tools=setup.found_tools())


@bp.post("")
@requires(PUBLIC, transaction=False)
def create():
    """Create the account, sign in and go to the demo project, or to make a first one."""
    token = request.form.get("token", "")
    with transaction(write=False):
        needed = setup.is_needed()
    if not needed:
        return hx.redirect(url_for("legacy.home"))
    if not _is_trusted(token):
        return _ask_for_token(wrong=True)
    form = Form(SetupIn)
    if "username" not in request.form:
        return _page(Form(SetupIn), token)
    if not form.submit(setup.create_first):
        return _page(form, token)
    user, project = form.result
    with transaction():
        secret = sessions.open_for(user, ip=_ip(), user_agent=str(request.user_agent))
        target = _first_page(project)
    response = hx.redirect(target)
    identity.remember(response, secret)
    return response


def _first_page(project: Project | None) -> str:
    if project is None:
        return url_for("projects.index")
    return url_for("overview.show", project_id=project.id, welcome=1)


def _page(form: Form, token: str) -> Response:
    with transaction(write=False):
        tools = setup.found_tools()
    response = hx.render("setup/show.html", form=form, token=token, tools=tools)
    response.status_code = form.status
    return _private(response)


def _ask_for_token(*, wrong: bool) -> Response:
    response = hx.render("setup/token.html", wrong=wrong)
    response.status_code = 403 if wrong else 200
    return _private(response)


def _private(response: Response) -> Response:
    """The token is in the page: no cache keeps it, and no other page learns the address."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_trusted(token: str) -> bool:
    return is_local(request) or invitation.is_token(token, settings().SECRET_KEY)


def is_local(request: Request) -> bool:
    """Whether a person at this very machine asks, and no proxy for somebody far away.

    A proxy may be silent about itself, but no browser speaks HTTP/1.0, as proxies do by default.
    """
    forwarded = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0" or any(
        name in FORWARDING or name.startswith("X-Forwarded-") for name, _ in request.headers
    )
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    return not forwarded and name in LOCAL_NAMES and _is_loopback(_ip())


def _is_loopback(ip: str) -> bool:
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def _ip() -> str:
    return request.remote_addr or ""

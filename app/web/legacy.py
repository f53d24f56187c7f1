"""Addresses that old bookmarks and chat messages have: the start page, and the original's pages."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.guard import PUBLIC, requires
from app.identity import set_cookie
from app.services import projects, setup
from app.urls import number

bp = Blueprint("legacy", __name__)

YEAR = timedelta(days=365)

LAST = "heliograph_project"  # the cookie that remembers the project a browser was in last

# Where the original's pages are called differently.
RENAMED = {
    "dashboard": "",
    "history": "runs",
    "inventory": "inventories",
    "environment": "variables",
    "schedule": "schedules",
    "users": "team",
}


@bp.get("/")
@requires(PUBLIC)
def home():
    """The project that was open last, the only one, or the list of them."""
    if not current_user.is_authenticated:
        return redirect(url_for("setup.show" if setup.is_needed() else "sign_in.show"))
    mine = [project.id for project in projects.list_for(current_user)]
    last = request.cookies.get(LAST, type=int)
    if last in mine or len(mine) == 1:
        project_id = last if last in mine else mine[0]
        return redirect(url_for("overview.show", project_id=project_id))
    return redirect(url_for("projects.index"))


@bp.get("/auth/login")
@requires(PUBLIC)
def login():
    return redirect(url_for("sign_in.show"))


@bp.get("/project/<id:project_id>", defaults={"path": ""})
@bp.get("/project/<id:project_id>/<path:path>")
@requires(PUBLIC)
def project_page(project_id: int, path: str):
    """The page of ours that shows the same, or the nearest one above it.

    It tells nothing: who may not see the page is refused there.
    """
    task = number("t")
    first, *rest = ["history", str(task)] if task else path.split("/")
    parts = [part for part in (RENAMED.get(first, first), *rest) if part]
    while parts and not _exists(_page_of(project_id, parts)):
        parts.pop()
    return redirect(request.script_root + _page_of(project_id, parts))


@bp.after_app_request
def remember_project(response: Response) -> Response:
    """A browser that comes back starts in the project that it was in last."""
    project = g.get("project")
    is_page = response.status_code == HTTPStatus.OK and request.path.startswith("/p/")
    if project and is_page and request.cookies.get(LAST) != str(project.id):
        set_cookie(response, LAST, str(project.id), lasts=YEAR)
    return response


def _page_of(project_id: int, parts: list[str]) -> str:
    return "/".join((f"/p/{project_id}", *parts))


def _exists(path: str) -> bool:
    """Whether a page has this address."""
    try:
        current_app.create_url_adapter(request).match(path, "GET")  # type: ignore[union-attr]
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True

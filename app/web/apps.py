"""Apps: what templates of this server may run, for its administrators."""

import json
from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.executors import kind_of
from app.guard import ADMIN, requires
from app.lib import argument_lines
from app.schemas.apps import AppIn
from app.services import apps
from app.web import hx, shown_apps
from app.web.forms import Form

bp = Blueprint("apps", __name__, url_prefix="/admin/apps")

FIELDS = ("title", "icon", "color", "dark_color", "active", "priority", "path", "args")


@bp.get("")
@requires(ADMIN)
def index():
    found = [(app, shown_apps.shown(app.id), kind_of(app.id)) for app in apps.all_by_id().values()]
    return hx.render("apps/list.html", block="rows", apps=found)


@bp.get("/new")
@requires(ADMIN)
def new():
    return _page(_form(active=True))


@bp.post("")
@requires(ADMIN)
def create():
    form, app_name = _form(), request.form.get("id", "").strip()
    if not form.submit(lambda data: apps.create(app_name, data, actor=current_user)):
        return _page(form), form.status
    return hx.redirect(url_for(".index"), "App created")


@bp.get("/<app_name>/edit")
@requires(ADMIN)
def edit(app_name: str):
    return _page(_form(apps.get(app_name)), apps.get(app_name))


@bp.post("/<app_name>/edit")
@requires(ADMIN)
def update(app_name: str):
    app = apps.get(app_name)
    form = _form(app)
    if not form.submit(lambda data: apps.put(app_name, data, actor=current_user)):
        return _page(form, app), form.status
    return hx.redirect(url_for(".index"), "App saved")


@bp.get("/<app_name>/delete")
@requires(ADMIN)
def confirm_delete(app_name: str):
    """The question before it goes, or what still uses it."""
    app, users = apps.get(app_name), apps.users_of(app_name)
    return hx.render("apps/delete.html", block="dialog", app=app, users=users)


@bp.post("/<app_name>/delete")
@requires(ADMIN)
def delete(app_name: str):
    app = apps.get(app_name)
    apps.delete(app_name, actor=current_user)
    return hx.redirect(url_for(".index"), "App reset" if app.is_built_in else "App deleted")


def _form(app: apps.App | None = None, **initial: Any) -> Form:
    """The page has arguments as lines."""
    form = Form(AppIn, app, only=FIELDS, **initial)
    if request.method == "POST":
        form.values["args"] = argument_lines.to_list(request.form.get("args", ""))
    return form


def _page(form: Form, app: apps.App | None = None):
    return hx.render(
        "apps/form.html",
        block="form",
        form=form,
        app=app,
        id=request.form.get("id", ""),
        kind=kind_of(app.id) if app else None,
        symbols=sorted(shown_apps.symbols()),
        lines=argument_lines.to_lines(json.dumps(list(form.values["args"]))),
    )

"""Users of the server, for its administrators."""

from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_login import current_user

from app.db import transaction
from app.errors import NotFound
from app.guard import ADMIN, requires
from app.models import User
from app.schemas.members import ColleagueIn, UserEdit
from app.services import events, people, project_summaries, users
from app.web import hx
from app.web.forms import Form
from app.web.project_users import CHOICES

bp = Blueprint("users", __name__, url_prefix="/admin/users")

FIELDS = ("name", "username", "email", "password", "admin", "alert")


@bp.get("")
@requires(ADMIN)
def index():
    text = request.args.get("q", "").strip()
    found, more = people.find(text)
    return hx.render(
        "users/list.html", block="rows", people=found, more=more, q=text, me=current_user.id
    )


@bp.get("/new")
@requires(ADMIN)
def new():
    return _new_page(Form(ColleagueIn))


@bp.post("")
@requires(ADMIN, transaction=False)
def create():
    """No transaction is open while the password is hashed. One that was made is in this answer and
    nowhere else: no cookie carries it, no cache keeps it."""
    form = Form(ColleagueIn)
    if not form.submit(people.welcome, actor=current_user):
        return _new_page(form), form.status
    user, made = form.result
    if made:
        answer = hx.render("users/made.html", block="notice", user=user, password=made)
        answer.headers["Cache-Control"] = "no-store"
        return hx.announce(answer, **{"refresh:users": 1})
    return hx.redirect(url_for(".index"), f"{user.name} can sign in now")


@bp.get("/<id:user_id>/edit")
@requires(ADMIN)
def edit(user_id: int):
    return _edit_page(_edit_form(user_id), user_id)


@bp.post("/<id:user_id>/edit")
@requires(ADMIN, transaction=False)
def update(user_id: int):
    form = _edit_form(user_id)
    if not form.submit(lambda data: _update(form, user_id, data)):
        return _edit_page(form, user_id), form.status
    return hx.done("users", "User saved", url_for(".index"))


@bp.get("/<id:user_id>/delete")
@requires(ADMIN)
def confirm_delete(user_id: int):
    user = _somebody_else(user_id)
    return hx.render("users/delete.html", block="dialog", user=user)


@bp.post("/<id:user_id>/delete")
@requires(ADMIN)
def delete(user_id: int):
    users.delete(_somebody_else(user_id).id, actor=current_user)
    return hx.done("users", "User deleted", url_for(".index"))


def _somebody_else(user_id: int) -> User:
    """Nobody deletes himself here by mistake."""
    if user_id == current_user.id:
        raise NotFound("Your own account is not deleted here")
    return users.get(user_id)


def _edit_form(user_id: int) -> Form:
    form = Form(UserEdit, users.get(user_id), only=FIELDS)
    if user_id == current_user.id:
        form.values["admin"] = True
    return form


def _update(form: Form, user_id: int, data: UserEdit) -> None:
    hashed = users.hash_of(data)
    with transaction():
        form.check_version()
        users.update(
            user_id, data, actor=current_user, hashed=hashed, keep_session=g.get("session_id")
        )


def _new_page(form: Form) -> Response:
    form.values["password"] = ""
    return hx.render(
        "users/form.html", block="form", form=form, user=None, me=current_user.id,
        role_options=CHOICES, projects=_projects(),
    )  # fmt: skip


def _edit_page(form: Form, user_id: int) -> Response:
    form.values["password"] = ""
    user: Any = users.get(user_id)
    change = events.last_of(user) if form.theirs else None
    return hx.render(
        "users/form.html", block="form", form=form, user=user, me=current_user.id, change=change
    )


def _projects() -> list[tuple[int, str]]:
    return [(s.project.id, s.project.title) for s in project_summaries.list_for(current_user)]

"""The team: who takes part in a project, and as what."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, url_for
from flask_login import current_user

from app.guard import Permission, permissions, requires
from app.models import Project, ProjectUser
from app.permissions import Role
from app.schemas.members import MemberIn
from app.schemas.project_users import RoleIn
from app.services import people, project_users, users
from app.web import hx
from app.web.forms import Form

bp = Blueprint("team", __name__, url_prefix="/p/<id:project_id>/team")

OFFERED = 20  # users that match what is typed

ROLES = {
    Role.OWNER: ("Owner", "May do everything, members and settings included."),
    Role.MANAGER: ("Manager", "Runs templates and changes them, inventories, keys and the rest."),
    Role.TASK_RUNNER: ("Task runner", "Runs templates and stops runs."),
    Role.GUEST: ("Guest", "Looks at everything, changes and runs nothing."),
}
CHOICES = [(role.value, name) for role, (name, _) in ROLES.items()]


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return _team(project)


@bp.get("/new")
@requires(Permission.MANAGE_USERS)
def new(project: Project):
    return _page(project, Form(MemberIn))


@bp.post("")
@requires(Permission.MANAGE_USERS)
def add(project: Project):
    form = Form(MemberIn)
    if not form.submit(people.join, project, actor=current_user):
        return _page(project, form), form.status
    return hx.done("team", "Member added", _list(project))


@bp.get("/_people")
@requires(Permission.MANAGE_USERS)
def offer(project: Project):
    """Users that match what is typed, for the field's list; those who are members are left out."""
    form = Form(MemberIn)
    text = (form.values["person"] or "").strip()
    mine = {member.user_id for member in project_users.list_for(project)}
    found = [user for user in users.search(text, limit=OFFERED + len(mine)) if user.id not in mine]
    return hx.render("project_users/_people.html", people=found[:OFFERED])


@bp.post("/<id:user_id>/role")
@requires(Permission.MANAGE_USERS)
def change(project: Project, user_id: int):
    """A refusal is told in the row, where the role is again what it was."""
    member = project_users.get(project, user_id)
    form = Form(RoleIn, member, only=("role",))
    form.values["roles"] = None  # the custom ones stay
    form.submit(lambda data: project_users.update(project, user_id, data, actor=current_user))
    refused = {user_id: form.errors["role"]} if "role" in form.errors else {}
    if hx.is_partial():
        member = project_users.get(project, user_id)
        context = _names(project, project_users.list_for(project), refused)
        row = hx.render("project_users/_row.html", member=member, **context)
        said = {} if form.errors else {"toast": {"text": "Role changed", "kind": "ok"}}
        return hx.announce(row, **said), form.status
    if form.errors:
        return _team(project, refused), form.status
    return hx.redirect(_list(project), "Role changed")


@bp.get("/<id:user_id>/delete")
@requires(Permission.MANAGE_USERS)
def confirm_remove(project: Project, user_id: int):
    member = project_users.get(project, user_id)
    return hx.render(
        "project_users/delete.html", block="dialog", project=project, member=member, leaves=False
    )


@bp.post("/<id:user_id>/delete")
@requires(Permission.MANAGE_USERS)
def remove(project: Project, user_id: int):
    project_users.remove(project, user_id, actor=current_user)
    return hx.done("team", "Member removed", _list(project))


@bp.get("/leave")
@requires(Permission.VIEW)
def confirm_leave(project: Project):
    member = project_users.get(project, current_user.id)
    return hx.render(
        "project_users/delete.html", block="dialog", project=project, member=member, leaves=True
    )


@bp.post("/leave")
@requires(Permission.VIEW)
def leave(project: Project):
    project_users.leave(project, actor=current_user)
    return hx.redirect(url_for("projects.index"), f"You have left {project.title}")


def _team(project: Project, refused: Mapping[int, str] | None = None) -> Response:
    members = project_users.list_for(project)
    context = _names(project, members, refused or {})
    return hx.render("project_users/list.html", block="rows", members=members, **context)


def _names(
    project: Project, members: list[ProjectUser], refused: Mapping[int, str]
) -> dict[str, Any]:
    """What rows show; `refused`: why the role of a user was not changed."""
    last = project_users.last_owner(members)
    return {
        "seen": people.last_seen([member.user_id for member in members]),
        "refused": refused,
        "project": project,
        "roles": ROLES,
        "role_options": CHOICES,
        "last_owner": last.user_id if last else None,
        "may_change": Permission.MANAGE_USERS in permissions(),
        "may_leave": any(_may_leave(member, last) for member in members),
    }


def _may_leave(member: ProjectUser, last: ProjectUser | None) -> bool:
    """Whether the member is who asks, and could go."""
    is_bound = member is last or project_users.bound(member)
    return member.user_id == current_user.id and not is_bound


def _page(project: Project, form: Form) -> Response:
    return hx.render(
        "project_users/form.html", block="form", project=project, form=form, roles=ROLES
    )


def _list(project: Project) -> str:
    return url_for(".index", project_id=project.id)

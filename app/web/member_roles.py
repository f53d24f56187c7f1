"""The custom roles of one member."""

from flask import Blueprint, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Project
from app.services import project_users, roles
from app.web import boxes, hx
from app.web.roles import words

bp = Blueprint(
    "member_roles", __name__, url_prefix="/p/<id:project_id>/team/<id:user_id>/custom-roles"
)


@bp.get("")
@requires(Permission.MANAGE_USERS)
def edit(project: Project, user_id: int):
    return hx.render(
        "roles/member.html",
        block="form",
        project=project,
        member=project_users.get(project, user_id),
        roles=roles.available(project),
        roles_url=_url(project),
        words=words,
    )


@bp.post("")
@requires(Permission.MANAGE_USERS)
def update(project: Project, user_id: int):
    given, taken = boxes.changed("roles")
    project_users.change_roles(project, user_id, given=given, taken=taken, actor=current_user)
    return hx.done("team", "Roles saved", _url(project))


def _url(project: Project) -> str:
    return url_for("project_roles.index_of_project", project_id=project.id)

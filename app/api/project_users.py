from flask import Blueprint
from flask_login import current_user

from app import guard
from app.api.wire import body, done, dump, dump_all, order
from app.guard import Permission, requires
from app.models import Project
from app.schemas.project_users import ProjectUserIn, ProjectUserOut, RoleIn
from app.schemas.users import UserBrief, UserOut
from app.services import project_users

bp = Blueprint("api_project_users", __name__, url_prefix="/project/<id:project_id>/users")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return dump_all(ProjectUserOut, project_users.list_for(project, **order()))


@bp.post("")
@requires(Permission.MANAGE_USERS)
def create(project: Project):
    project_users.add(project, body(ProjectUserIn), actor=current_user)
    return done()


@bp.get("/<id:user_id>")
@requires(Permission.VIEW)
def show(project: Project, user_id: int):
    """A member. His address and rights are for those who manage members, and for himself."""
    user = project_users.get(project, user_id).user
    whole = Permission.MANAGE_USERS in guard.permissions() or user.id == current_user.id
    return dump(UserOut if whole else UserBrief, user)


@bp.put("/<id:user_id>")
@requires(Permission.MANAGE_USERS)
def update(project: Project, user_id: int):
    project_users.update(project, user_id, body(RoleIn), actor=current_user)
    return done()


@bp.delete("/<id:user_id>")
@requires(Permission.MANAGE_USERS)
def delete(project: Project, user_id: int):
    project_users.remove(project, user_id, actor=current_user)
    return done()

"""Custom roles: those of all projects, and those of one."""

from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all, one_project
from app.errors import DomainError
from app.guard import ADMIN, Permission, requires
from app.models import Project
from app.schemas.roles import CustomRoleIn, CustomRoleOut, RoleChangeIn, SlugIn
from app.services import roles

bp = Blueprint("api_roles", __name__, url_prefix="/roles")
project_bp = Blueprint("api_project_roles", __name__, url_prefix="/project/<id:project_id>/roles")


@bp.get("")
@requires(ADMIN)
def index():
    """The custom roles of all projects."""
    return dump_all(CustomRoleOut, roles.list_for(None))


@bp.post("")
@requires(ADMIN)
def create():
    return dump(CustomRoleOut, roles.create(None, body(CustomRoleIn), actor=current_user), 201)


@bp.get("/<slug>")
@requires(ADMIN)
def show(slug: str):
    return dump(CustomRoleOut, roles.get(None, slug))


@bp.put("/<slug>")
@requires(ADMIN)
def update(slug: str):
    """Replace one; its slug stays."""
    return _update(slug)


@bp.post("/<slug>")
@requires(ADMIN)
def update_by_post(slug: str):
    """The same as PUT."""
    return _update(slug)


def _update(slug: str):
    _same_slug(slug)
    roles.update(None, slug, body(RoleChangeIn), actor=current_user)
    return done()


@bp.delete("/<slug>")
@requires(ADMIN)
def delete(slug: str):
    """Delete one that no template has and nobody holds."""
    roles.delete(None, slug, actor=current_user)
    return done()


@project_bp.get("")
@requires(Permission.VIEW)
def index_of_project(project: Project):
    """The project's own custom roles."""
    return dump_all(CustomRoleOut, roles.list_for(project))


@project_bp.get("/all")
@requires(Permission.VIEW)
def index_available(project: Project):
    """The custom roles that the project can use: its own and those of all projects."""
    return dump_all(CustomRoleOut, roles.available(project))


@project_bp.post("")
@requires(Permission.MANAGE_USERS)
def create_in_project(project: Project):
    """Make one."""
    one_project(project)
    data = body(CustomRoleIn)
    return dump(CustomRoleOut, roles.create(project, data, actor=current_user), 201)


@project_bp.get("/<role_slug>")
@requires(Permission.VIEW)
def show_of_project(project: Project, role_slug: str):
    """Show one of the project's own."""
    return dump(CustomRoleOut, roles.get(project, role_slug))


@project_bp.put("/<role_slug>")
@requires(Permission.MANAGE_USERS)
def update_in_project(project: Project, role_slug: str):
    """Replace one of the project's own; its slug stays."""
    one_project(project)
    _same_slug(role_slug)
    roles.update(project, role_slug, body(RoleChangeIn), actor=current_user)
    return done()


@project_bp.delete("/<role_slug>")
@requires(Permission.MANAGE_USERS)
def delete_in_project(project: Project, role_slug: str):
    """Delete one of the project's own that no template has and nobody holds."""
    roles.delete(project, role_slug, actor=current_user)
    return done()


def _same_slug(slug: str) -> None:
    """A body may repeat the slug; another one would be another role."""
    if body(SlugIn).slug not in ("", slug):
        raise DomainError("Role slug in body and URL must be the same")

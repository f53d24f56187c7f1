from flask import Blueprint
from flask_login import current_user

from app.api.wire import Identity, body, body_of, done, dump, dump_all
from app.errors import DomainError
from app.guard import Permission, requires
from app.models import Project
from app.schemas.project_views import PositionsIn, ProjectViewIn, ProjectViewOut
from app.schemas.task_templates import TaskTemplateOut
from app.services import project_views, template_rows

bp = Blueprint("api_project_views", __name__, url_prefix="/project/<id:project_id>/views")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return dump_all(ProjectViewOut, project_views.list_for(project))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    data = body_of(ProjectViewIn, project, "View")
    return dump(ProjectViewOut, project_views.create(project, data, actor=current_user), 201)


@bp.post("/positions")
@requires(Permission.MANAGE_RESOURCES)
def place(project: Project):
    """Give views new positions.

    The names in the body are the ids of the views; the others stay where they are.
    """
    project_views.place(project, body(PositionsIn).root, actor=current_user)
    return done()


@bp.get("/<id:view_id>")
@requires(Permission.VIEW)
def show(project: Project, view_id: int):
    return dump(ProjectViewOut, project_views.get(project, view_id))


@bp.put("/<id:view_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, view_id: int):
    if body(Identity).id != view_id:
        raise DomainError("View ID in URL and in body must be the same")
    data = body_of(ProjectViewIn, project, "View")
    project_views.update(project, view_id, data, actor=current_user)
    return done()


@bp.delete("/<id:view_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, view_id: int):
    project_views.delete(project, view_id, actor=current_user)
    return done()


@bp.get("/<id:view_id>/templates")
@requires(Permission.VIEW)
def templates(project: Project, view_id: int):
    """The templates of a view."""
    view = project_views.get(project, view_id)
    return dump_all(TaskTemplateOut, template_rows.find(project, view=view))

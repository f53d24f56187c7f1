"""Which workspaces a template holds, and which inventory its runs have by default."""

from flask import Blueprint
from flask_login import current_user

from app.api.wire import done
from app.guard import ITS_TEMPLATE, Permission, requires
from app.models import Inventory, Project, TaskTemplate
from app.services import inventories, task_templates, template_workspaces

bp = Blueprint(
    "api_template_workspaces",
    __name__,
    url_prefix="/project/<id:project_id>/templates/<id:template_id>/inventory/<id:inventory_id>",
)


@bp.post("/set_default")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def set_default(project: Project, template_id: int, inventory_id: int):
    """Let runs that choose none work with it; a workspace must be attached. No body is needed."""
    template, inventory = _both(project, template_id, inventory_id)
    template_workspaces.make_default(project, template, inventory, actor=current_user)
    return done()


@bp.post("/attach")
@requires(Permission.MANAGE_RESOURCES)
def attach(project: Project, template_id: int, inventory_id: int):
    """Let the template hold what no template holds; no body is needed."""
    template, inventory = _both(project, template_id, inventory_id)
    template_workspaces.attach(project, template, inventory, actor=current_user)
    return done()


@bp.post("/detach")
@requires(Permission.MANAGE_RESOURCES)
def detach(project: Project, template_id: int, inventory_id: int):
    """Let no template hold it; not the default workspace. No body is needed."""
    template, inventory = _both(project, template_id, inventory_id)
    template_workspaces.detach(project, template, inventory, actor=current_user)
    return done()


def _both(project: Project, template_id: int, inventory_id: int) -> tuple[TaskTemplate, Inventory]:
    return task_templates.get(project, template_id), inventories.get(project, inventory_id)

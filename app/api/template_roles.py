"""Which custom roles are attached to a template, and what their holders may do with it."""

from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all
from app.guard import Permission, requires
from app.models import Project
from app.schemas.template_roles import GrantIn, TemplateRoleIn, TemplateRoleOut
from app.services import task_templates, template_roles

bp = Blueprint(
    "api_template_roles",
    __name__,
    url_prefix="/project/<id:project_id>/templates/<id:template_id>/perms",
)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, template_id: int):
    """The custom roles that are attached to a template."""
    template = task_templates.get(project, template_id)
    return dump_all(TemplateRoleOut, template_roles.list_for(template))


@bp.post("")
@requires(Permission.MANAGE_USERS)
def create(project: Project, template_id: int):
    """Attach a role; without `permissions` its holders may all that it gives."""
    template = task_templates.get(project, template_id)
    data = body(TemplateRoleIn)
    found = template_roles.create(project, template, data, actor=current_user)
    return dump(TemplateRoleOut, found, 201)


@bp.get("/<id:perm_id>")
@requires(Permission.VIEW)
def show(project: Project, template_id: int, perm_id: int):
    template = task_templates.get(project, template_id)
    return dump(TemplateRoleOut, template_roles.get(template, perm_id))


@bp.put("/<id:perm_id>")
@requires(Permission.MANAGE_USERS)
def update(project: Project, template_id: int, perm_id: int):
    """Change what the holders of an attached role may do."""
    template = task_templates.get(project, template_id)
    template_roles.update(project, template, perm_id, body(GrantIn), actor=current_user)
    return done()


@bp.delete("/<id:perm_id>")
@requires(Permission.MANAGE_USERS)
def delete(project: Project, template_id: int, perm_id: int):
    """Detach a role."""
    template = task_templates.get(project, template_id)
    template_roles.delete(project, template, perm_id, actor=current_user)
    return done()

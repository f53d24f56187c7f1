"""Who may run a template: the members who may, and the custom roles that are attached to it."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_login import current_user

from app.guard import Permission, permissions, requires
from app.models import Project, TaskTemplate, TemplateRole
from app.permissions import AT_TEMPLATE, given_by
from app.schemas.template_roles import GrantIn, TemplateRoleIn
from app.services import roles, task_templates, template_roles
from app.web import boxes
from app.web.dialogs import Dialogs
from app.web.forms import Form
from app.web.roles import PERMISSIONS, words
from app.web.template_tabs import tab_of

bp = Blueprint("access", __name__, url_prefix="/<id:template_id>/access")

LABELS = {"role_slug": "Role", "permissions": "Permissions"}
CHOICES = [choice for choice in PERMISSIONS if choice[0] in AT_TEMPLATE]


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, template_id: int):
    template = task_templates.get(project, template_id)
    return tab_of(
        project,
        template,
        "template_roles/list.html",
        "Access",
        block="rows",
        people=template_roles.people(project, template),
        attached=template_roles.list_for(template),
        words=words,
        given_by=given_by,
        may_change=Permission.MANAGE_USERS in permissions(),
    )


@bp.get("/new")
@requires(Permission.MANAGE_USERS)
def new(project: Project, template_id: int):
    template, dialogs = _opened(project, template_id)
    form = _form(TemplateRoleIn, permissions=Permission.RUN_TASKS)
    return _sheet(project, template, dialogs, form)


@bp.post("")
@requires(Permission.MANAGE_USERS)
def create(project: Project, template_id: int):
    template, dialogs = _opened(project, template_id)
    form = _form(TemplateRoleIn)
    if not form.submit(
        lambda data: template_roles.create(project, template, data, actor=current_user)
    ):
        return _sheet(project, template, dialogs, form), form.status
    return dialogs.done("Role attached")


@bp.get("/<id:perm_id>/edit")
@requires(Permission.MANAGE_USERS)
def edit(project: Project, template_id: int, perm_id: int):
    template, dialogs = _opened(project, template_id)
    grant = template_roles.get(template, perm_id)
    return _sheet(project, template, dialogs, _form(GrantIn, grant), grant)


@bp.post("/<id:perm_id>/edit")
@requires(Permission.MANAGE_USERS)
def update(project: Project, template_id: int, perm_id: int):
    template, dialogs = _opened(project, template_id)
    grant = template_roles.get(template, perm_id)
    form = _form(GrantIn, grant)
    if not form.submit(
        lambda data: template_roles.update(project, template, perm_id, data, actor=current_user)
    ):
        return _sheet(project, template, dialogs, form, grant), form.status
    return dialogs.done("Role saved")


@bp.get("/<id:perm_id>/delete")
@requires(Permission.MANAGE_USERS)
def confirm_delete(project: Project, template_id: int, perm_id: int):
    template, dialogs = _opened(project, template_id)
    grant = template_roles.get(template, perm_id)
    return dialogs.question("template_roles/delete.html", grant=grant)


@bp.post("/<id:perm_id>/delete")
@requires(Permission.MANAGE_USERS)
def delete(project: Project, template_id: int, perm_id: int):
    template, dialogs = _opened(project, template_id)
    template_roles.delete(project, template, perm_id, actor=current_user)
    return dialogs.done("Role detached")


def _opened(project: Project, template_id: int) -> tuple[TaskTemplate, Dialogs]:
    template = task_templates.get(project, template_id)
    at = url_for("task_templates.access.index", project_id=project.id, template_id=template.id)
    return template, Dialogs(at, "perms", project=project, template=template)


def _form(schema: type[GrantIn], grant: TemplateRole | None = None, **initial: Any) -> Form:
    form = Form(schema, grant, **initial)
    boxes.take_permissions(form)
    return form


def _sheet(
    project: Project,
    template: TaskTemplate,
    dialogs: Dialogs,
    form: Form,
    grant: TemplateRole | None = None,
) -> Response:
    if "permissions" in form.theirs:
        form.theirs["permissions"] = words(form.theirs["permissions"])
    taken = {other.role_id for other in template_roles.list_for(template)}
    return dialogs.sheet(
        "template_roles/form.html",
        form=form,
        grant=grant,
        choices_of_roles=[
            (role.slug, f"{role.name} (at most: {words(role.permissions).lower()})")
            for role in roles.available(project)
            if role.id not in taken
        ],
        roles_url=url_for("project_roles.index_of_project", project_id=project.id),
        choices=CHOICES,
        chosen=boxes.permissions_of(form, AT_TEMPLATE),
        labels=LABELS,
        words=words,
    )

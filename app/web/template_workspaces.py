"""The workspaces of a template: made, attached, detached, and which one is the default."""

from flask import Blueprint, Response, url_for
from flask_login import current_user

from app.errors import Invalid, NotFound
from app.executors import executor_of
from app.guard import ITS_TEMPLATE, Permission, requires
from app.models import AccessKeyType, Inventory, Project, TaskTemplate
from app.schemas.inventories import AttachIn, WorkspaceIn
from app.services import (
    access_keys,
    inventories,
    task_templates,
    template_workspaces,
    terraform_states,
)
from app.services.references import check_reference
from app.web import key_types
from app.web.dialogs import Dialogs
from app.web.forms import Form
from app.web.template_tabs import tab_of

bp = Blueprint("workspaces", __name__, url_prefix="/<id:template_id>/workspaces")

LABELS = {"workspace": "Name", "ssh_key_id": "Key", "inventory_id": "Workspace"}


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project, template_id: int):
    template, _ = _opened(project, template_id)
    return tab_of(
        project,
        template,
        "task_templates/workspaces.html",
        "Workspaces",
        block="rows",
        rows=terraform_states.of_template(template),
    )


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project, template_id: int):
    _, dialogs = _opened(project, template_id)
    return _new(project, dialogs, Form(WorkspaceIn))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project, template_id: int):
    template, dialogs = _opened(project, template_id)
    form = Form(WorkspaceIn)
    if not form.submit(
        lambda data: template_workspaces.create(project, template, data, actor=current_user)
    ):
        return _new(project, dialogs, form), form.status
    return dialogs.done("Workspace created")


@bp.get("/attach")
@requires(Permission.MANAGE_RESOURCES)
def choose(project: Project, template_id: int):
    template, dialogs = _opened(project, template_id)
    return _choose(project, template, dialogs, Form(AttachIn))


@bp.post("/attach")
@requires(Permission.MANAGE_RESOURCES)
def attach(project: Project, template_id: int):
    template, dialogs = _opened(project, template_id)
    form = Form(AttachIn)
    if not form.submit(lambda data: _attach(project, template, data)):
        return _choose(project, template, dialogs, form), form.status
    return dialogs.done("Workspace attached")


@bp.get("/<id:inventory_id>/default")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def ask_default(project: Project, template_id: int, inventory_id: int):
    """The question before it becomes the default, or what stands against it."""
    template, dialogs = _opened(project, template_id)
    workspace = _workspace(project, template, inventory_id)
    why = template_workspaces.why_kept(template)
    return dialogs.question("workspaces/default.html", workspace=workspace, why_not=why)


@bp.post("/<id:inventory_id>/default")
@requires(Permission.MANAGE_RESOURCES, at=ITS_TEMPLATE)
def make_default(project: Project, template_id: int, inventory_id: int):
    template, dialogs = _opened(project, template_id)
    workspace = _workspace(project, template, inventory_id)
    template_workspaces.make_default(project, template, workspace, actor=current_user)
    return dialogs.done("Default workspace changed")


@bp.get("/<id:inventory_id>/detach")
@requires(Permission.MANAGE_RESOURCES)
def confirm_detach(project: Project, template_id: int, inventory_id: int):
    """The question before it is detached, or what stands against it."""
    template, dialogs = _opened(project, template_id)
    workspace = _workspace(project, template, inventory_id)
    return dialogs.question("workspaces/detach.html", workspace=workspace)


@bp.post("/<id:inventory_id>/detach")
@requires(Permission.MANAGE_RESOURCES)
def detach(project: Project, template_id: int, inventory_id: int):
    template, dialogs = _opened(project, template_id)
    workspace = _workspace(project, template, inventory_id)
    template_workspaces.detach(project, template, workspace, actor=current_user)
    return dialogs.done("Workspace detached")


def _opened(project: Project, template_id: int) -> tuple[TaskTemplate, Dialogs]:
    """Raises NotFound for a template whose tool knows no workspaces, too."""
    template = task_templates.get(project, template_id)
    if not executor_of(template.app).takes_workspace:
        raise NotFound("Templates of this kind have no workspaces")
    at = url_for("task_templates.workspaces.index", project_id=project.id, template_id=template.id)
    return template, Dialogs(at, "inventories", project=project, template=template)


def _workspace(project: Project, template: TaskTemplate, inventory_id: int) -> Inventory:
    """One of the template's. Raises NotFound for others."""
    workspace = inventories.get(project, inventory_id)
    if template.id != workspace.template_id and template.inventory_id != workspace.id:
        raise NotFound(f"{workspace.name} is no workspace of this template")
    return workspace


def _attach(project: Project, template: TaskTemplate, data: AttachIn) -> None:
    workspace = check_reference(Inventory, project, "inventory_id", data.inventory_id)
    if workspace is None:
        raise Invalid({"inventory_id": "Choose a workspace"})
    template_workspaces.attach(project, template, workspace, actor=current_user)


def _new(project: Project, dialogs: Dialogs, form: Form) -> Response:
    keys, chosen = access_keys.list_for(project), form.values["ssh_key_id"]
    return dialogs.sheet(
        "workspaces/new.html",
        form=form,
        keys=key_types.options(keys, (AccessKeyType.SSH,), chosen),
        labels=LABELS,
    )


def _choose(project: Project, template: TaskTemplate, dialogs: Dialogs, form: Form) -> Response:
    found = template_workspaces.attachable(project, template)
    return dialogs.sheet("workspaces/attach.html", form=form, found=found, labels=LABELS)

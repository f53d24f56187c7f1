"""The form of an inventory: new and edited."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import WORKSPACES, AccessKeyType, Inventory, InventoryType, Project
from app.schemas.inventories import NamedInventoryIn
from app.services import access_keys, events, inventories, repositories
from app.web import hx, key_types
from app.web.forms import Form

bp = Blueprint("form", __name__)

TITLES = {
    InventoryType.STATIC: "Hosts, INI",
    InventoryType.STATIC_YAML: "Hosts, YAML",
    InventoryType.FILE: "File of a repository",
    InventoryType.TERRAFORM_WORKSPACE: "Terraform workspace",
    InventoryType.TOFU_WORKSPACE: "OpenTofu workspace",
    InventoryType.TERRAGRUNT_WORKSPACE: "Terragrunt workspace",
}
OFFERED = (InventoryType.STATIC, InventoryType.STATIC_YAML, InventoryType.FILE)
LABELS = {
    "name": "Name",
    "type": "Type",
    "hosts": "Hosts",
    "path": "File",
    "repository_id": "Repository",
    "ssh_key_id": "Key",
    "become_key_id": "Key for becoming root",
}
# What the form shows; where an inventory comes from otherwise stays as it is.
ONLY = ("name", "type", "inventory", "repository_id", "ssh_key_id", "become_key_id")


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    return _page(project, Form(NamedInventoryIn, type=InventoryType.STATIC))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    form = _sent(Form(NamedInventoryIn, only=ONLY))
    if not form.submit(inventories.create, project, actor=current_user):
        return _page(project, form), form.status
    return hx.done("inventories", "Inventory created", _list(project))


@bp.get("/<id:inventory_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, inventory_id: int):
    inventory = inventories.get(project, inventory_id)
    return _page(project, Form(NamedInventoryIn, inventory, only=ONLY), inventory)


@bp.post("/<id:inventory_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, inventory_id: int):
    inventory = inventories.get(project, inventory_id)
    form = _sent(Form(NamedInventoryIn, inventory, only=ONLY))
    if not form.submit(inventories.update, project, inventory_id, actor=current_user):
        return _page(project, form, inventory), form.status
    return hx.done("inventories", "Inventory saved", _list(project))


def _sent(form: Form) -> Form:
    """Hosts and the path of a file are two fields, of which the type says the one that counts."""
    is_file = form.values["type"] == InventoryType.FILE
    text = request.form.get("path" if is_file else "hosts", "")
    form.values["inventory"] = text.strip() if is_file else text.replace("\r\n", "\n")
    if not is_file:
        form.values["repository_id"] = ""
    return form


def _page(project: Project, form: Form, inventory: Inventory | None = None) -> Response:
    values, keys = form.values, access_keys.list_for(project)
    stale = bool(form.theirs and inventory)
    if inventory:
        form.theirs = _in_words(form.theirs, inventory)
    is_file = values["type"] == InventoryType.FILE
    is_workspace = values["type"] in WORKSPACES
    kinds = [kind for kind in TITLES if kind in (*OFFERED, inventory and inventory.type)]
    return hx.render(
        "inventories/form.html",
        block="form",
        project=project,
        inventory=inventory,
        form=form,
        is_workspace=is_workspace,
        errors={} if form.theirs else _at_fields(form.errors, is_file=is_file),
        kinds=[(kind, TITLES[kind]) for kind in kinds],
        hosts="" if is_file else values["inventory"],
        path=values["inventory"] if is_file else "",
        keys=key_types.options(keys, _fitting(is_workspace), values["ssh_key_id"]),
        become_keys=key_types.options(keys, key_types.PASSWORDS, values["become_key_id"]),
        repositories=[(row.id, row.name) for row in repositories.list_for(project)],
        change=events.last_of(inventory) if inventory and stale else None,
        labels=LABELS | ({"hosts": "Workspace"} if is_workspace else {}),
    )


def _fitting(is_workspace: bool) -> tuple[AccessKeyType, ...]:
    """What opens private modules of a workspace, or signs in to hosts."""
    return (AccessKeyType.SSH,) if is_workspace else key_types.EVERY


def _at_fields(errors: dict[str, str], *, is_file: bool) -> dict[str, str]:
    shown = "path" if is_file else "hosts"
    return {shown if name == "inventory" else name: text for name, text in errors.items()}


def _in_words(theirs: dict[str, object], inventory: Inventory) -> dict[str, object]:
    """What is stored now, with names instead of numbers."""
    words = {
        "repository_id": inventory.repository and inventory.repository.name,
        "ssh_key_id": inventory.ssh_key and inventory.ssh_key.name,
        "become_key_id": inventory.become_key and inventory.become_key.name,
        "type": TITLES.get(InventoryType(inventory.type)),
    }
    return {name: words.get(name, value) for name, value in theirs.items()}


def _list(project: Project) -> str:
    return url_for("inventories.index", project_id=project.id)

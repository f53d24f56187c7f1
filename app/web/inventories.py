"""Inventories: the list, the pages of one, its form, and how it goes away."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import Inventory, Project
from app.services import inventories, inventory_hosts, inventory_lists
from app.web import formats, hx, inventory_forms, terraform_states
from app.web.inventory_forms import TITLES
from app.web.inventory_tabs import tab_of
from app.web.rights import rights

bp = Blueprint("inventories", __name__, url_prefix="/p/<id:project_id>/inventories")
bp.register_blueprint(inventory_forms.bp)
bp.register_blueprint(terraform_states.bp)


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    text, kind = request.args.get("q", "").strip(), request.args.get("type", "")
    rows = inventory_lists.find(project, text, kind)
    return hx.render(
        "inventories/list.html",
        block="rows",
        project=project,
        rows=rows,
        q=text,
        kind=kind,
        titles=TITLES,
        total=formats.counted(len(rows), "inventory", "inventories"),
        **rights(),
    )


@bp.get("/<id:inventory_id>")
@requires(Permission.VIEW)
def show(project: Project, inventory_id: int):
    """Hosts first; a workspace has a state instead."""
    inventory = inventories.get(project, inventory_id)
    if inventory.is_workspace:
        return terraform_states.index(project, inventory_id)
    return tab_of(project, inventory, "Hosts", **_hosts(inventory))


@bp.get("/<id:inventory_id>/_hosts")
@requires(Permission.VIEW)
def hosts(project: Project, inventory_id: int):
    """What is known of the hosts by now; the page asks until there is an answer."""
    inventory = inventories.get(project, inventory_id)
    if not hx.is_partial():
        return hx.redirect(_url(inventory))
    return _fragment(project, inventory, **_hosts(inventory))


@bp.post("/<id:inventory_id>/_hosts")
@requires(Permission.RUN_TASKS)
def look(project: Project, inventory_id: int):
    """Have a worker look. It runs what the inventory brings along, as a run would."""
    inventory = inventories.get(project, inventory_id)
    state = inventory_hosts.ask(inventory, again="again" in request.args)
    if not hx.is_partial():
        return hx.redirect(_url(inventory))
    return _fragment(project, inventory, **_hosts(inventory) | {"state": state})


@bp.get("/<id:inventory_id>/source")
@requires(Permission.VIEW)
def source(project: Project, inventory_id: int):
    return tab_of(project, inventories.get(project, inventory_id), "Source")


@bp.get("/<id:inventory_id>/used")
@requires(Permission.VIEW)
def used(project: Project, inventory_id: int):
    return tab_of(project, inventories.get(project, inventory_id), "Used by")


@bp.get("/<id:inventory_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, inventory_id: int):
    """The question before it is deleted, or what stands against it."""
    inventory = inventories.get(project, inventory_id)
    return hx.render(
        "inventories/delete.html",
        block="dialog",
        project=project,
        inventory=inventory,
        refs=inventories.refs_of(inventory),
        why_kept=inventories.why_kept(inventory),
        on_page=request.args.get("from") == "page",
    )


@bp.post("/<id:inventory_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, inventory_id: int):
    inventories.delete(project, inventory_id, actor=current_user)
    url = url_for(".index", project_id=project.id)
    if request.form.get("from") == "page":
        return hx.redirect(url, "Inventory deleted")
    return hx.done("inventories", "Inventory deleted", url)


def _fragment(project: Project, inventory: Inventory, **found: Any) -> Response:
    return hx.render(
        "inventories/_hosts.html", project=project, inventory=inventory, **found, **rights()
    )


def _hosts(inventory: Inventory) -> dict[str, Any]:
    """The state of the look, and of its answer what the filters leave."""
    state = inventory_hosts.state_of(inventory)
    text, group = request.args.get("q", "").strip(), request.args.get("group", "")
    return {
        "state": state,
        "found": inventory_hosts.find(state.answer, text, group) if state.is_done else None,
        "q": text,
        "group": group,
    }


def _url(inventory: Inventory) -> str:
    return url_for("inventories.show", project_id=inventory.project_id, inventory_id=inventory.id)

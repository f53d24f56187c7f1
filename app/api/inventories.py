from flask import Blueprint
from flask_login import current_user

from app.api.wire import body_of, done, dump, dump_all, order
from app.guard import Permission, requires
from app.models import Project
from app.schemas.inventories import InventoryIn, InventoryOut
from app.services import inventories
from app.services.references import Refs
from app.urls import number

bp = Blueprint("api_inventories", __name__, url_prefix="/project/<id:project_id>/inventory")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    found = inventories.list_for(project, template_id=number("template_id"), **order())
    return dump_all(InventoryOut, found)


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    data = body_of(InventoryIn, project, "Inventory")
    return dump(InventoryOut, inventories.create(project, data, actor=current_user), 201)


@bp.get("/<id:inventory_id>")
@requires(Permission.VIEW)
def show(project: Project, inventory_id: int):
    return dump(InventoryOut, inventories.get(project, inventory_id))


@bp.put("/<id:inventory_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, inventory_id: int):
    data = body_of(InventoryIn, project, "Inventory", inventory_id)
    inventories.update(project, inventory_id, data, actor=current_user)
    return done()


@bp.delete("/<id:inventory_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, inventory_id: int):
    inventories.delete(project, inventory_id, actor=current_user)
    return done()


@bp.get("/<id:inventory_id>/refs")
@requires(Permission.VIEW)
def refs(project: Project, inventory_id: int):
    """Who uses it."""
    return dump(Refs, inventories.refs_of(inventories.get(project, inventory_id)))

"""The inventories of a project as the list shows them, with what uses them."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.db import db
from app.models import Inventory, Project, TaskTemplate


@dataclass(frozen=True)
class Row:
    inventory: Inventory
    templates: int


def find(project: Project, text: str = "", kind: str = "") -> list[Row]:
    """The inventories whose name contains the text, all or those of one type, by name."""
    query = select(Inventory).filter_by(project_id=project.id)
    if text:
        query = query.where(Inventory.name.icontains(text, autoescape=True))
    if kind:
        query = query.filter_by(type=kind)
    found = db.session.scalars(query.order_by(func.lower(Inventory.name), Inventory.id))
    used = _templates(project)
    return [Row(inventory, used.get(inventory.id, 0)) for inventory in found]


def _templates(project: Project) -> dict[int | None, int]:
    query = select(TaskTemplate.inventory_id, func.count()).filter_by(project_id=project.id)
    return dict(db.session.execute(query.group_by(TaskTemplate.inventory_id)).all())

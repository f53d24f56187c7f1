"""The page of an inventory: its head, and one tab of what it is."""

from typing import Any

from flask import Response

from app.models import Inventory, Project
from app.services import inventories
from app.web import hx
from app.web.inventory_forms import TITLES
from app.web.rights import rights


def tab_of(project: Project, inventory: Inventory, tab: str, **found: Any) -> Response:
    """The page with this tab, for which `found` is."""
    return hx.render(
        "inventories/show.html",
        block="detail",
        project=project,
        inventory=inventory,
        titles=TITLES,
        tab=tab,
        refs=inventories.refs_of(inventory),
        **found,
        **rights(),
    )

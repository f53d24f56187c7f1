"""What opens over the tab State of a workspace."""

from flask import url_for

from app.models import Inventory, Project
from app.services import terraform_states
from app.web.dialogs import Dialogs


def opened(project: Project, inventory_id: int) -> tuple[Inventory, Dialogs]:
    """The workspace that a URL names, and its dialogs. Raises NotFound."""
    workspace = terraform_states.workspace(project, inventory_id)
    at = url_for("inventories.states.index", project_id=project.id, inventory_id=workspace.id)
    return workspace, Dialogs(at, "inventories", project=project, inventory=workspace)

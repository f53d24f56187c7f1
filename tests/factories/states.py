"""Workspaces of Terraform, versions of their states, locks and addresses."""

import json
from typing import Any

from sqlalchemy import select

from app.db import db, transaction
from app.models import AccessKey, Inventory, Project, TerraformAlias, TerraformState
from app.services import terraform_locks, terraform_states
from app.services.terraform_access import Caller
from tests.factories.resources import inventory
from tests.factories.rows import add


def workspace(project: Project, name: str = "default", **values: Any) -> Inventory:
    """The workspace of a state."""
    return inventory(project, name, type="terraform-workspace", inventory=name, **values)


def state_text(serial: int = 1, lineage: str = "first", **resources: Any) -> str:
    """A state with resources of terraform_data: one="its input"."""
    found = [
        {"mode": "managed", "type": "terraform_data", "name": name, "provider": "p",
         "instances": [{"attributes": {"id": name, "input": value}}]}
        for name, value in resources.items()
    ]  # fmt: skip
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "outputs": {},
                       "resources": found})  # fmt: skip


def state(workspace: Inventory, serial: int = 1, **given: Any) -> TerraformState:
    """The next version of its state."""
    caller = Caller(workspace.project_id, workspace.id)
    with transaction():
        terraform_states.write(caller, state_text(serial, **given).encode(), "")
    query = select(TerraformState).filter_by(inventory_id=workspace.id)
    return db.session.scalars(query.order_by(TerraformState.id.desc())).first()


def state_lock(workspace: Inventory, lock_id: str = "lock-1") -> None:
    info = json.dumps({"ID": lock_id, "Operation": "OperationTypeApply", "Who": "ada@laptop"})
    with transaction():
        caller = Caller(workspace.project_id, workspace.id)
        terraform_locks.take(caller, terraform_locks.read(info.encode()))


def state_alias(workspace: Inventory, key: AccessKey, name: str = "") -> TerraformAlias:
    wanted = name or f"state{workspace.id:011}"
    return add(
        TerraformAlias(
            project_id=workspace.project_id,
            inventory_id=workspace.id,
            auth_key_id=key.id,
            alias=wanted,
        )
    )

"""Requests as Terraform sends them to its http backend."""

import base64
import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.models import Inventory, Project, TerraformState
from tests import factories

INFO = {"ID": "lock-a", "Operation": "OperationTypeApply", "Who": "ada@laptop", "Info": ""}

Send = Callable[..., TestResponse]


def sender(client: FlaskClient, project: Project, workspace: Inventory) -> Send:
    """Requests of a tool at an address of the workspace, with the login of its key."""
    alias = factories.state_alias(workspace, factories.login_key(project, "s3cret", "ci")).alias

    def send(
        method: str, body: Any = b"", *, query: str = "", at: str = "",
        login: tuple[str, str] | None = ("ci", "s3cret"),
    ) -> TestResponse:  # fmt: skip
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        coded = base64.b64encode(":".join(login).encode()).decode() if login else ""
        headers = {"Authorization": f"Basic {coded}"} if login else {}
        url = f"/api/terraform/{at or alias}{query}"
        return client.open(url, method=method, data=data, headers=headers)

    return send


def versions(workspace: Inventory) -> list[TerraformState]:
    db.session.expire_all()
    query = select(TerraformState).filter_by(inventory_id=workspace.id)
    return list(db.session.scalars(query.order_by(TerraformState.id)))

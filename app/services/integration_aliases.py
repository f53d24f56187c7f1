"""The addresses that requests are sent to: of one integration, or of a whole project."""

import secrets
import string

from sqlalchemy import select

from app.db import db
from app.errors import NotFound
from app.models import Integration, IntegrationAlias, Project, User
from app.services import events

LENGTH = 16
LETTERS = string.ascii_lowercase + string.digits


def list_for(project: Project, integration: Integration | None = None) -> list[IntegrationAlias]:
    """Those of an integration; without one those of the project itself."""
    query = select(IntegrationAlias).where(
        IntegrationAlias.project_id == project.id,
        IntegrationAlias.integration_id == (integration.id if integration else None),
    )
    return list(db.session.scalars(query.order_by(IntegrationAlias.id)))


def get(
    project: Project, alias_id: int, integration: Integration | None = None
) -> IntegrationAlias:
    """Raises NotFound, also for the address of another integration."""
    row = next((row for row in list_for(project, integration) if row.id == alias_id), None)
    if row is None:
        raise NotFound(f"Address {alias_id} does not exist here")
    return row


def create(
    project: Project, integration: Integration | None = None, *, actor: User | None
) -> IntegrationAlias:
    """Make an address that nobody can guess."""
    name = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    row = IntegrationAlias(
        project_id=project.id, integration_id=integration.id if integration else None, alias=name
    )
    db.session.add(row)
    db.session.flush()  # The answer shows its id.
    events.record(
        project.id,
        actor,
        integration or project,
        "got an address",
        name=_name(project, integration),
    )
    return row


def delete(
    project: Project,
    alias_id: int,
    integration: Integration | None = None,
    *,
    actor: User | None,
) -> None:
    """Requests to it start nothing from now on. Raises NotFound."""
    row = get(project, alias_id, integration)
    events.record(
        project.id, actor, integration or project, "lost an address",
        name=_name(project, integration),
    )  # fmt: skip
    db.session.delete(row)


def _name(project: Project, integration: Integration | None) -> str:
    return integration.name if integration else project.name

"""The addresses that requests are sent to: of one integration, or of a whole project."""

import secrets
import string

from sqlalchemy import select

from app.db import db
from app.errors import NotFound
from app.extensions import settings
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
    return _add(project, integration, random_name(), "got an address", actor)


def bring_back(
    project: Project, name: str, integration: Integration | None = None, *, actor: User | None
) -> IntegrationAlias:
    """Make an address that a backup names. One that is taken on this server is never taken away:
    then it gets another name, and an event tells both."""
    if not _is_taken(name):
        return _add(project, integration, name, "got an address", actor)
    new = random_name()
    verb = f"got the address {new} instead of {name}, which is taken on this server"
    return _add(project, integration, new, verb, actor)


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


def random_name() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _is_taken(name: str) -> bool:
    """By a project, or by all of them together."""
    found = db.session.scalar(select(IntegrationAlias.id).filter_by(alias=name))
    return found is not None or name == settings().INTEGRATION_ALIAS


def _add(
    project: Project, integration: Integration | None, name: str, verb: str, actor: User | None
) -> IntegrationAlias:
    row = IntegrationAlias(
        project_id=project.id, integration_id=integration.id if integration else None, alias=name
    )
    db.session.add(row)
    db.session.flush()  # The answer shows its id.
    events.record(project.id, actor, integration or project, verb, name=_name(project, integration))
    return row


def _name(project: Project, integration: Integration | None) -> str:
    return integration.name if integration else project.name

"""The integrations of a backup file, with their rules and addresses."""

from collections.abc import Iterator

from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.models import Integration, IntegrationAlias, Project, User
from app.schemas.project_backups import IntegrationEntry, ProjectBackup
from app.services import integration_aliases, integration_rules, integrations
from app.services.backup_files import Find
from app.services.integration_rules import Matcher, Value


def make(
    project: Project, entry: IntegrationEntry, find: Find, *, actor: User | None
) -> Integration:
    """An integration with its rules. Its key comes back empty, so that nobody is let in before it
    is filled in."""
    params = dict(entry.task_params or {})
    if entry.inventory:
        params["inventory_id"] = find("inventories", "inventory", entry.inventory)
    if entry.environment:
        params["environment_id"] = find("environments", "environment", entry.environment)
    ids = {
        "template_id": find("templates", "template", entry.template),
        "auth_secret_id": find("keys", "auth_secret", entry.auth_secret),
        "task_params": params or None,
    }
    row = integrations.add(project, entry.model_copy(update=ids), actor=actor)
    for matcher in entry.matchers:
        integration_rules.add(Matcher, row, matcher, actor=actor)
    for value in entry.extract_values:
        integration_rules.add(Value, row, value, actor=actor)
    return row


def bring_back_addresses(
    project: Project, backup: ProjectBackup, find: Find, *, actor: User | None
) -> None:
    """Those of the integrations and of the project. Raises Invalid for one that is there twice."""
    seen = set()
    for path, name, owner in _addresses(backup):
        if name in seen:
            raise Invalid({path: f"“{name}” is there twice"})
        seen.add(name)
        row = db.session.get(Integration, find("integrations", path, owner)) if owner else None
        integration_aliases.bring_back(project, name, row, actor=actor)


def new_addresses(project: Project, backup: ProjectBackup) -> int:
    """How many addresses of a project that was restored are not those of the file."""
    names = [name for _, name, _ in _addresses(backup)]
    mine = select(IntegrationAlias.alias).filter_by(project_id=project.id)
    return len(set(names) - set(db.session.scalars(mine)))


def _addresses(backup: ProjectBackup) -> Iterator[tuple[str, str, str]]:
    """(path, name, the integration that it belongs to or "") of each address in a file."""
    for place, entry in enumerate(backup.integrations):
        for number, name in enumerate(entry.aliases):
            yield f"integrations[{place}].aliases[{number}]", name, entry.name
    for number, name in enumerate(backup.integration_aliases):
        yield f"integration_aliases[{number}]", name, ""

"""The keys of a project as the list shows them, with what uses them."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.db import db
from app.models import (
    AccessKey,
    HostConfig,
    Integration,
    Inventory,
    Project,
    Repository,
    TaskTemplate,
    TemplateVault,
)
from app.services.access_keys import SHARED

USERS = (
    (Repository.ssh_key_id, Repository.name),
    (Inventory.ssh_key_id, Inventory.name),
    (Inventory.become_key_id, Inventory.name),
    (HostConfig.ssh_key_id, HostConfig.host),
    (Integration.auth_secret_id, Integration.name),
)


@dataclass(frozen=True)
class Row:
    """A key, and the names of what uses it."""

    key: AccessKey
    users: list[str]


def find(project: Project, text: str = "", kind: str = "") -> list[Row]:
    """The keys whose name or fingerprint contains the text, all or those of one type, by name."""
    query = select(AccessKey).filter_by(project_id=project.id, owner=SHARED)
    if text:
        named = AccessKey.name.icontains(text, autoescape=True)
        query = query.where(named | AccessKey.fingerprint.icontains(text, autoescape=True))
    if kind:
        query = query.filter_by(type=kind)
    found = db.session.scalars(query.order_by(func.lower(AccessKey.name), AccessKey.id))
    users = _users(project)
    return [Row(key, sorted(users[key.id])) for key in found]


def _users(project: Project) -> dict[int, set[str]]:
    """The names of what uses each key, by the key's id."""
    vaults = select(TemplateVault.vault_key_id, TaskTemplate.name)
    vaults = vaults.join(TaskTemplate, TaskTemplate.id == TemplateVault.template_id)
    queries: list[Any] = [vaults.where(TaskTemplate.project_id == project.id)]
    for key, name in USERS:
        queries.append(select(key, name).where(name.class_.project_id == project.id))
    users: dict[int, set[str]] = defaultdict(set)
    for query in queries:
        for key_id, name in db.session.execute(query):
            users[key_id].add(name)
    return users

"""The hosts of an inventory."""

from typing import Any

from sqlalchemy import select, update

from app.clock import utcnow
from app.db import db
from app.errors import DomainError
from app.executors.ansible_inventory import TEXTS
from app.executors.questions import Question
from app.executors.questions.inventories import Hosts
from app.executors.spec import RepositorySpec
from app.models import Inventory, InventoryType, Repository, TaskTemplate
from app.services.probe_kinds import repositories
from app.services.probe_kinds.base import ProbeKind

LIMIT = 30.0  # seconds: Ansible takes one to start, and a file may have to be cloned first
NO_HOSTS = "A workspace has no hosts of its own"
NO_REPOSITORY = "Choose the repository of the file, or use the inventory in a template"


def _hosts(inventory: Inventory) -> Question:
    if inventory.type in TEXTS:
        nowhere = RepositorySpec(id=0, url="", branch="")
        run = repositories.run_in(inventory.project_id, nowhere)
        return Hosts(run, TEXTS[inventory.type], inventory.inventory)
    if inventory.type != InventoryType.FILE:
        raise DomainError(NO_HOSTS)
    repository = _repository(inventory)
    if repository is None:
        raise DomainError(NO_REPOSITORY)
    return Hosts(repositories.run_about(repository), inventory.inventory)


def _repository(inventory: Inventory) -> Repository | None:
    """Its own, or that of the first template that uses it."""
    if inventory.repository or inventory.type != InventoryType.FILE:
        return inventory.repository
    users = select(Repository).join(TaskTemplate, TaskTemplate.repository_id == Repository.id)
    mine = users.where(TaskTemplate.inventory_id == inventory.id).order_by(TaskTemplate.id)
    return db.session.scalars(mine.limit(1)).one_or_none()


def _versions(inventory: Inventory, **_: Any) -> list[int]:
    repository = _repository(inventory)
    beneath = [repository.id, *repositories.versions(repository)] if repository else []
    return [inventory.lock_version, *beneath]


def _note(inventory_id: int, versions: list[int], answer: dict[str, Any] | None, flaw: str) -> None:
    """Keep the numbers, unless the inventory was changed meanwhile."""
    found = answer or {}
    db.session.execute(
        update(Inventory)
        .where(Inventory.id == inventory_id, Inventory.lock_version == versions[0])
        .values(
            checked=utcnow(),
            host_count=found.get("host_count"),
            group_count=found.get("group_count"),
            flaw=flaw or None,
        )
    )


INVENTORY = ProbeKind(Inventory, _hosts, _versions, _note, LIMIT)

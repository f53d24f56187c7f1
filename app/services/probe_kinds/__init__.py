"""The kinds of look-ups. To add one: write its module, then name it here."""

from app.services.probe_kinds import (
    access_keys,
    caches,
    commits,
    host_keys,
    inventories,
    repositories,
    schedules,
)
from app.services.probe_kinds.base import ProbeKind

KINDS: dict[str, ProbeKind] = {
    "repository": repositories.REPOSITORY,
    "address": repositories.ADDRESS,  # of a repository that is not saved yet
    "commits": commits.COMMITS,  # between two runs
    "tags": repositories.TAGS,
    "tree": repositories.TREE,
    "text": repositories.TEXT,
    "scripts": repositories.SCRIPTS,
    "inventory": inventories.INVENTORY,
    "host": host_keys.HOST_KEYS,
    "key": access_keys.KEY,
    "cache": caches.CACHE,
    "head": schedules.HEAD,  # of the branch that a schedule watches
}

__all__ = ["KINDS", "ProbeKind"]

"""What a restore would make of a backup file: it is done, looked at and taken back."""

from typing import NamedTuple

from app.db import db
from app.models import User
from app.schemas.project_backups import ProjectBackup
from app.services import access_keys, environments, integration_restores, project_restores

KINDS = (
    "keys",
    "repositories",
    "inventories",
    "environments",
    "host_configs",
    "views",
    "templates",
    "schedules",
    "integrations",
    "integration_aliases",
    "roles",
)


class Preview(NamedTuple):
    """The name of the project, the entries of each kind, how many keys and secret variables come
    back without a value, and how many addresses of webhooks would be others than in the file."""

    name: str
    counts: dict[str, int]
    empty_keys: int
    empty_secrets: int
    new_addresses: int


def preview(backup: ProjectBackup, *, actor: User) -> Preview:
    """Try a restore; nothing of it is stored, and no event of it leaves.

    Raises Invalid, naming the path of a field, where the restore would.
    """
    with db.session.begin_nested() as trial:
        project = project_restores.restore(backup, actor=actor)
        keys = access_keys.list_for(project)
        secrets = sum(len(group.secrets) for group in environments.list_for(project))
        made = Preview(
            project.name,
            _counts(backup),
            sum(key.empty for key in keys),
            secrets,
            integration_restores.new_addresses(project, backup),
        )
        trial.rollback()
    return made


def _counts(backup: ProjectBackup) -> dict[str, int]:
    found = {kind: len(getattr(backup, kind)) for kind in KINDS}
    return {kind: count for kind, count in found.items() if count}

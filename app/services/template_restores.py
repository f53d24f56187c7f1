"""The templates of a backup file, with their vaults, roles and what they deploy."""

from collections import Counter

from pydantic import ValidationError

from app.db import db
from app.errors import AlreadyThere, Invalid, reason
from app.models import CustomRole, Project, TaskTemplate, User
from app.schemas.project_backups import (
    ProjectBackup,
    TemplateEntry,
    TemplateRoleEntry,
    VaultEntry,
)
from app.schemas.task_templates import DEPLOY
from app.schemas.template_roles import TemplateRoleIn
from app.schemas.template_vaults import PASSWORD, SCRIPT, VaultIn
from app.services import builds, inventories, roles, task_templates, template_roles
from app.services.backup_files import Find, below


def make(
    project: Project, entry: TemplateEntry, find: Find, lost: Counter[str], *, actor: User
) -> TaskTemplate:
    """A template with its roles, which deploys nothing yet; `lost` counts what cannot be kept."""
    groups = entry.environments or [entry.environment]
    found = (find("environments", "environments", name) for name in groups)
    data = entry.model_copy(
        update={
            "repository_id": find("repositories", "repository", entry.repository),
            "inventory_id": find("inventories", "inventory", entry.inventory),
            "environment_ids": [group for group in found if group],
            "view_id": find("views", "view", entry.view),
            "build_template_id": None,
            "vaults": [_vault(vault, find) for vault in _vaults(entry)],
        }
    )
    template = task_templates.add(project, data, actor=actor)
    for role in entry.roles:
        _attach(project, template, role, find, lost, actor)
    return template


def tie(project: Project, backup: ProjectBackup, find: Find) -> None:
    """Templates and inventories refer to templates that come later in the file."""
    rows = [_row(find, entry) for entry in backup.templates]
    for place, (row, entry) in enumerate(zip(rows, backup.templates, strict=True)):
        with below(f"templates[{place}]"):
            build = find("templates", "build_template", entry.build_template)
        row.build_template_id = build if row.type == DEPLOY else None
    db.session.flush()  # All of them are tied now: a circle shows.
    for place, row in enumerate(rows):
        with below(f"templates[{place}]"):
            builds.check_chain(row, builds.source_of(row))
    for place, workspace in enumerate(backup.inventories):
        with below(f"inventories[{place}]"):
            holder = find("templates", "template", workspace.template)
        row_id = find("inventories", "name", workspace.name)
        assert row_id is not None
        inventories.get(project, row_id).template_id = holder


def _row(find: Find, entry: TemplateEntry) -> TaskTemplate:
    return db.session.get_one(TaskTemplate, find("templates", "name", entry.name))


def _attach(
    project: Project,
    template: TaskTemplate,
    entry: TemplateRoleEntry,
    find: Find,
    lost: Counter[str],
    actor: User,
) -> None:
    """A role of all projects may not exist here; none gives more than it says itself."""
    if entry.is_global:
        role = roles.find_global(entry.slug, entry.role)
    else:
        role = db.session.get(CustomRole, find("roles", "roles", entry.role))
    if role is None:
        lost["roles"] += 1
        return
    given = entry.permissions & role.permissions
    lost["permissions"] += given != entry.permissions
    data = TemplateRoleIn(role_slug=role.slug, permissions=given)
    try:
        template_roles.create(project, template, data, actor=actor)
    except AlreadyThere as error:
        raise Invalid({"roles": f"“{entry.role}” is there twice"}) from error


def _vault(entry: VaultEntry, find: Find) -> VaultIn:
    key = find("keys", "vaults", entry.vault_key)
    kind = entry.type or (PASSWORD if key else SCRIPT)
    try:
        return VaultIn(name=entry.name, type=kind, vault_key_id=key, script=entry.script)
    except ValidationError as error:
        raise Invalid({"vaults": reason(error.errors()[0])}) from error


def _vaults(entry: TemplateEntry) -> list[VaultEntry]:
    """`vault_key` is what there was before templates had several."""
    old = [VaultEntry(vault_key=entry.vault_key)] if entry.vault_key else []
    return entry.vaults or old

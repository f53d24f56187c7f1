"""The vault passwords of a template: its list is replaced as a whole."""

from app.errors import Invalid
from app.executors import executor_of
from app.models import Project, TaskTemplate, TemplateVault
from app.schemas.template_vaults import DEFAULT, VaultIn
from app.services import access_keys


def replace(template: TaskTemplate, project: Project, wanted: list[VaultIn]) -> None:
    """Make the vaults what is asked for; one that keeps its name keeps its id.

    Raises Invalid, naming the entry, for a key that the project does not have, and for a kind of
    template that has no use for vaults.
    """
    if wanted and not executor_of(template.app).takes_vaults:
        raise Invalid({"vaults": "Only Ansible templates have vault passwords"})
    known = {row.name or DEFAULT: row for row in template.vaults}
    rows = []
    for place, vault in enumerate(wanted):
        key = access_keys.check(project, f"vaults.{place}.vault_key_id", vault.vault_key_id)
        row = known.get(vault.vault_id) or TemplateVault()
        row.name, row.type, row.script, row.vault_key = vault.name, vault.type, vault.script, key
        rows.append(row)
    template.vaults = rows

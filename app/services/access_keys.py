"""Keys of a project. Their secrets go in, and only a worker takes them out."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.clock import utcnow
from app.db import db
from app.errors import Invalid, NotFound
from app.lib import private_keys
from app.models import (
    AccessKey,
    AccessKeyType,
    HostConfig,
    Integration,
    Inventory,
    Project,
    Repository,
    TaskTemplate,
    TemplateVault,
    TerraformAlias,
    User,
)
from app.schemas.access_keys import AccessKeyChange, AccessKeyIn, LoginPassword, SshKey
from app.services import events, secrets
from app.services.references import (
    Refs,
    check_reference,
    count_change,
    get_owned,
    named,
    refs,
    refuse_in_use,
    remove,
    sorted_by,
)

TO_THE_HOUR = timedelta(hours=1)
NONE = "None"  # the key that every project is born with
SHARED = ""  # the owner of a key that belongs to no variable group
NOT_A_KEY = (
    "This is no private key that can be read. Give it whole, from BEGIN to END; "
    "ED25519, ECDSA and RSA keys are known"
)
NOT_ITS_OWN = "This is not the passphrase of the key"
IS_ENCRYPTED = "The key is encrypted, so its passphrase is needed"
SORTS = {"name": AccessKey.name, "type": AccessKey.type}


def list_for(
    project: Project, *, kind: str = "", sort: str = "", descending: bool = False
) -> list[AccessKey]:
    """The keys that people know of, all or those of one type; secrets of variable groups are not
    among them. Raises Invalid for a type that no key has.
    """
    query = select(AccessKey).filter_by(project_id=project.id, owner=SHARED)
    if kind:
        query = query.filter_by(type=_known_type(kind))
    return list(db.session.scalars(query.order_by(*sorted_by(SORTS, sort, descending))))


def _known_type(kind: str) -> str:
    if kind not in list(AccessKeyType):
        raise Invalid({"type": f"Must be one of {', '.join(AccessKeyType)}"})
    return kind


def get(project: Project, key_id: int) -> AccessKey:
    """Raises NotFound, also for the secret of a variable group."""
    key = get_owned(AccessKey, project, key_id)
    if key.owner != SHARED:
        raise NotFound(f"Key {key_id} does not exist in this project")
    return key


def check(project: Project, field: str, key_id: int | None) -> AccessKey | None:
    """Return the key that a body refers to. Raises Invalid, naming the field."""
    key = check_reference(AccessKey, project, field, key_id)
    if key is not None and key.owner != SHARED:
        raise Invalid({field: f"There is no key {key_id} in this project"})
    return key


def require(project: Project, field: str, key_id: int | None) -> AccessKey:
    """Like check, and raises Invalid if the body names no key."""
    key = check(project, field, key_id)
    if key is None:
        raise Invalid({field: "Choose a key of this project"})
    return key


def create(project: Project, data: AccessKeyIn, *, actor: User | None) -> AccessKey:
    key = AccessKey(project_id=project.id, name=data.name, type=data.type)
    db.session.add(key)
    db.session.flush()  # The secret is bound to the id.
    _seal(key, data)
    events.record(project.id, actor, key, "created")
    return key


def update(
    project: Project,
    key_id: int,
    data: AccessKeyChange,
    *,
    actor: User | None,
) -> AccessKey:
    """Rename a key; with `override_secret` also replace type and secret.

    Raises InUse if a key that others use would get another type.
    """
    key = get(project, key_id)
    count_change(key)
    if data.override_secret:
        if data.type != key.type:
            refuse_in_use("Access Key", _readers_of(key))
        key.type = data.type
        _seal(key, data)
    key.name = data.name
    events.record(project.id, actor, key, "updated")
    return key


def delete(project: Project, key_id: int, *, actor: User | None) -> None:
    """Raises InUse while repositories, inventories (or addresses of their states) or host
    mappings refer to it."""
    key = get(project, key_id)
    refuse_in_use("Access Key", refs_of(key))
    events.record(project.id, actor, key, "deleted")
    remove("Access Key", key)


def note_use(keys: Iterable[AccessKey | None]) -> None:
    """Remember that a run uses these keys now; to the hour, so that runs seldom write it."""
    now = utcnow()
    for key in filter(None, keys):
        is_secret = key.type != AccessKeyType.NONE
        if is_secret and (key.last_used is None or now - key.last_used > TO_THE_HOUR):
            key.last_used = now


def refs_of(key: AccessKey) -> Refs:
    """Who uses the key; host mappings are named only where there are any."""
    found = refs(
        repositories=named(Repository, Repository.ssh_key_id == key.id),
        inventories=named(
            Inventory,
            Inventory.ssh_key_id == key.id,
            Inventory.become_key_id == key.id,
            Inventory.id.in_(select(TerraformAlias.inventory_id).filter_by(auth_key_id=key.id)),
        ),
    )
    query = select(HostConfig.id, HostConfig.host).filter_by(ssh_key_id=key.id)
    mappings = [{"id": row.id, "name": row.host} for row in db.session.execute(query)]
    return found | ({"host_configs": mappings} if mappings else {})


def _readers_of(key: AccessKey) -> Refs:
    """Who would no longer find what it needs in a key of another type."""
    return refs_of(key) | {"integrations": integrations_of(key), "templates": vaults_of(key)}


def vaults_of(key: AccessKey) -> list[dict[str, Any]]:
    """The templates that have the key for a vault, which they lose when it is deleted."""
    users = select(TemplateVault.template_id).filter_by(vault_key_id=key.id)
    return named(TaskTemplate, TaskTemplate.id.in_(users))


def integrations_of(key: AccessKey) -> list[dict[str, Any]]:
    """The integrations whose senders prove themselves with the key: without it nobody gets in."""
    return named(Integration, Integration.auth_secret_id == key.id)


def _seal(key: AccessKey, data: AccessKeyIn) -> None:
    """Store the secret, and of a private key what everybody may know."""
    key.key_kind, key.fingerprint = _facts(data.part)
    if data.part is None:
        key.secret = None
    else:
        secrets.seal(key, data.part.model_dump_json())


def _facts(part: LoginPassword | SshKey | None) -> tuple[str | None, str | None]:
    """Kind and fingerprint of a private key. Raises Invalid for one that no run could use.

    One that takes long to decrypt is left to the key's test, which a worker does.
    """
    if not isinstance(part, SshKey) or not private_keys.is_quick_to_read(part.private_key):
        return None, None
    try:
        found = private_keys.read(part.private_key, part.passphrase)
    except private_keys.NotAKey as error:
        raise Invalid({"ssh.private_key": NOT_A_KEY}) from error
    except private_keys.PassphraseWrong as error:
        said = NOT_ITS_OWN if part.passphrase else IS_ENCRYPTED
        raise Invalid({"ssh.passphrase": said}) from error
    return found.kind, found.fingerprint

"""Host mappings: which key a host, or the URLs below an address, get."""

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.errors import Invalid
from app.models import AccessKey, AccessKeyType, HostConfig, Project, User
from app.schemas.host_configs import HostConfigIn, normal
from app.services import access_keys, events
from app.services.references import count_change, get_owned, remove


def list_for(project: Project) -> list[HostConfig]:
    """The mappings with their keys, by host."""
    query = select(HostConfig).options(joinedload(HostConfig.ssh_key))
    query = query.filter_by(project_id=project.id)
    return list(db.session.scalars(query.order_by(func.lower(HostConfig.host), HostConfig.id)))


def get(project: Project, host_config_id: int) -> HostConfig:
    return get_owned(HostConfig, project, host_config_id)


def create(project: Project, data: HostConfigIn, *, actor: User | None) -> HostConfig:
    """Raises Invalid, naming the field, for a second mapping of a host and a key that is unfit."""
    mapping = HostConfig(project_id=project.id)
    _fill(mapping, project, data)
    db.session.add(mapping)
    db.session.flush()  # The event below needs the id.
    events.record(project.id, actor, mapping, "created", name=mapping.host)
    return mapping


def update(
    project: Project, host_config_id: int, data: HostConfigIn, *, actor: User | None
) -> HostConfig:
    mapping = get(project, host_config_id)
    count_change(mapping)
    _fill(mapping, project, data)
    events.record(project.id, actor, mapping, "updated", name=mapping.host)
    return mapping


def delete(project: Project, host_config_id: int, *, actor: User | None) -> None:
    mapping = get(project, host_config_id)
    events.record(project.id, actor, mapping, "deleted", name=mapping.host)
    remove("Host config", mapping)


def _fill(mapping: HostConfig, project: Project, data: HostConfigIn) -> None:
    key = access_keys.require(project, "ssh_key_id", data.ssh_key_id)
    _check_fit(key, data)
    _refuse_second(mapping, project, data)
    mapping.type, mapping.host, mapping.ssh_key = data.type, data.host, key


def _check_fit(key: AccessKey, data: HostConfigIn) -> None:
    """A key of type none, with which clients begin, fits all: such a mapping changes nothing."""
    if key.type in (AccessKeyType.SSH, AccessKeyType.NONE):
        return
    if data.type == "host":
        raise Invalid({"ssh_key_id": "A host needs an SSH key"})
    if key.type != AccessKeyType.LOGIN_PASSWORD:
        raise Invalid({"ssh_key_id": "A URL needs an SSH key, or a username and password"})
    if not data.host.lower().startswith("https://"):
        raise Invalid({"ssh_key_id": "A password is sent to https:// addresses only"})


def _refuse_second(mapping: HostConfig, project: Project, data: HostConfigIn) -> None:
    """Hold the project, so that of two who add the same mapping at once one is refused."""
    db.session.refresh(project, with_for_update=True)
    others = db.session.scalars(select(HostConfig).filter_by(project_id=project.id, type=data.type))
    if any(normal(o.type, o.host) == data.same for o in others if o.id != mapping.id):
        raise Invalid({"host": f"There is a mapping of {data.host} already"})

"""Integrations: which template a request from outside starts, and with what."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.db import db
from app.errors import Invalid
from app.models import AccessKey, AccessKeyType, Integration, Project, TaskTemplate, User
from app.schemas.integrations import IntegrationIn
from app.schemas.tasks import TaskIn
from app.services import access_keys, events, survey_answers, tasks
from app.services.integration_auth import METHODS
from app.services.references import count_change, get_owned, require_reference, sorted_by

SORTS = {"name": Integration.name}
PLAIN = ("name", "auth_method", "auth_header", "searchable", "task_params")
OURS = ("when_waiting", "per_minute")  # what clients of the original do not send


def list_for(project: Project, *, sort: str = "", descending: bool = False) -> list[Integration]:
    query = select(Integration).options(joinedload(Integration.template))
    query = query.where(Integration.project_id == project.id)
    return list(db.session.scalars(query.order_by(*sorted_by(SORTS, sort, descending))))


def get(project: Project, integration_id: int) -> Integration:
    return get_owned(Integration, project, integration_id)


def create(
    project: Project, data: IntegrationIn, *, actor: User | None, opened: bool = True
) -> Integration:
    """Raises Invalid that names the field: a foreign object, a secret that is missing, and where
    all must be `opened` a parameter that the template does not open.

    Clients of the API may send such parameters, as they always could: then requests are refused.
    """
    row = Integration(project_id=project.id)
    _fill(row, project, data)
    _check_auth(row)
    if opened:
        _check_parameters(row, project)
    return _keep(row, actor)


def add(project: Project, data: IntegrationIn, *, actor: User | None) -> Integration:
    """Make an integration as it was somewhere else: one whose key is gone lets nobody in.

    Raises Invalid that names the field.
    """
    row = Integration(project_id=project.id)
    _fill(row, project, data)
    _check_header(row)
    return _keep(row, actor)


def update(
    project: Project,
    integration_id: int,
    data: IntegrationIn,
    *,
    actor: User | None,
    opened: bool = True,
) -> Integration:
    """Raises Invalid as `create` does."""
    row = get(project, integration_id)
    count_change(row)
    _fill(row, project, data)
    _check_auth(row)
    if opened:
        _check_parameters(row, project)
    events.record(project.id, actor, row, "updated")
    return row


def delete(project: Project, integration_id: int, *, actor: User | None) -> None:
    """Delete it with its rules, addresses and deliveries; the runs it started stay."""
    row = get(project, integration_id)
    events.record(project.id, actor, row, "deleted")
    db.session.delete(row)


def missing_proof(name: str, key: AccessKey | None, header: str) -> dict[str, str]:
    """What a method (`name`) lacks to tell friend from foe, by field; without it nobody could ever
    be let in."""
    missing = _missing_header(name, header)
    if METHODS[name].needs_secret and key is None:
        return {"auth_secret_id": f"{METHODS[name].title} needs a key with a password"} | missing
    if key and key.type != AccessKeyType.LOGIN_PASSWORD:
        return {"auth_secret_id": "Choose a key with a password (login_password)"} | missing
    return missing


def _fill(row: Integration, project: Project, data: IntegrationIn) -> None:
    for name in PLAIN:
        setattr(row, name, getattr(data, name))
    for name in OURS:
        if getattr(data, name) is not None:
            setattr(row, name, getattr(data, name))
    row.template = require_reference(TaskTemplate, project, "template_id", data.template_id)
    row.auth_secret = access_keys.check(project, "auth_secret_id", data.auth_secret_id)


def _keep(row: Integration, actor: User | None) -> Integration:
    db.session.add(row)
    db.session.flush()  # The event needs the id.
    events.record(row.project_id, actor, row, "created")
    return row


def _check_auth(row: Integration) -> None:
    missing = missing_proof(row.auth_method, row.auth_secret, row.auth_header)
    if missing:
        raise Invalid(missing)


def _check_parameters(row: Integration, project: Project) -> None:
    """What every request would be refused for is refused here; answers may come with requests."""
    given = TaskIn.model_validate((row.task_params or {}) | {"template_id": row.template.id})
    try:
        tasks.check(project, given, actor=None)
    except Invalid as error:
        wrong = {name: why for name, why in error.fields.items() if why != survey_answers.REQUIRED}
        if wrong:
            raise Invalid({f"task_params.{name}": why for name, why in wrong.items()}) from error


def _check_header(row: Integration) -> None:
    if missing := _missing_header(row.auth_method, row.auth_header):
        raise Invalid(missing)


def _missing_header(name: str, header: str) -> dict[str, str]:
    method = METHODS[name]
    if method.needs_header and not header.strip():
        return {"auth_header": f"{method.title}: name the header it comes in"}
    return {}

"""Variable groups with their secrets, which are keys of type string that the group owns."""

from sqlalchemy import func, select

from app.db import db
from app.errors import Invalid
from app.models import (
    AccessKey,
    AccessKeyType,
    Environment,
    Project,
    Task,
    TaskStatus,
    TaskTemplate,
    User,
    template_environment,
)
from app.schemas.environments import KINDS, OWNERS, EnvironmentIn, SecretIn
from app.services import events, secrets, tasks
from app.services.references import (
    Refs,
    count_change,
    get_owned,
    named,
    refs,
    refuse_in_use,
    remove,
    sorted_by,
)

EMPTY = "Empty"  # the group that every project is born with
SORTS = {"name": Environment.name}


def list_for(project: Project, *, sort: str = "", descending: bool = False) -> list[Environment]:
    query = select(Environment).filter_by(project_id=project.id)
    return list(db.session.scalars(query.order_by(*sorted_by(SORTS, sort, descending))))


def choices(project: Project) -> list[tuple[int, str]]:
    """Id and name of each, by name."""
    return [(row.id, row.name) for row in list_for(project)]


def get(project: Project, environment_id: int) -> Environment:
    return get_owned(Environment, project, environment_id)


def create(project: Project, data: EnvironmentIn, *, actor: User | None) -> Environment:
    environment = Environment(project_id=project.id)
    _fill(environment, data)
    db.session.add(environment)
    db.session.flush()  # Secrets and event need the id.
    _apply(environment, data.secrets)
    events.record(project.id, actor, environment, "created")
    return environment


def update(
    project: Project,
    environment_id: int,
    data: EnvironmentIn,
    *,
    actor: User | None,
) -> Environment:
    """Replace a group; of its secrets only those change that `data` has an operation for."""
    environment = get(project, environment_id)
    count_change(environment)
    _fill(environment, data)
    _apply(environment, data.secrets)
    events.record(project.id, actor, environment, "updated")
    return environment


def delete(project: Project, environment_id: int, *, actor: User | None) -> None:
    """Delete a group with its secrets. Raises InUse while templates refer to it, and Busy while a
    run that has chosen it goes on: it would get the template's in its place."""
    environment = get(project, environment_id)
    refuse_in_use("Environment", refs_of(environment))
    chosen = select(func.count()).where(
        Task.environment_id == environment.id, Task.status.in_(TaskStatus.unfinished())
    )
    tasks.refuse_while_active(environment.name, db.session.scalar(chosen) or 0)
    events.record(project.id, actor, environment, "deleted")
    remove("Environment", environment)


def refs_of(environment: Environment) -> Refs:
    """Who uses the group."""
    users = select(template_environment.c.template_id).where(
        template_environment.c.environment_id == environment.id
    )
    return refs(templates=named(TaskTemplate, TaskTemplate.id.in_(users)))


def _fill(environment: Environment, data: EnvironmentIn) -> None:
    environment.name = data.name
    environment.password = data.password
    environment.json = data.variables
    environment.env = data.env


def _apply(environment: Environment, changes: list[SecretIn]) -> None:
    """Carry out what is to be done with the secrets, in the order given."""
    for place, change in enumerate(changes):
        if change.operation:
            OPERATIONS[change.operation](environment, change, f"secrets.{place}")
    db.session.flush()  # New secrets have ids now, which the answer shows.


def _create(environment: Environment, change: SecretIn, field: str) -> None:
    _check_name(change, field)
    if not change.type:
        raise Invalid({f"{field}.type": "Must be var or env"})
    _refuse_same(environment, change.name, OWNERS[change.type], field)
    row = AccessKey(
        project_id=environment.project_id,
        name=change.name,
        type=AccessKeyType.STRING,
        owner=OWNERS[change.type],
    )
    environment.secrets.append(row)
    db.session.flush()  # The secret is bound to the id.
    secrets.seal(row, change.secret)


def _update(environment: Environment, change: SecretIn, field: str) -> None:
    """The name always changes, the value only if one is given: nobody can send back the old one."""
    row = _owned(environment, change, field)
    _check_name(change, field)
    if change.type and change.type != KINDS[row.owner]:
        raise Invalid({f"{field}.type": "The type of a secret cannot change; delete and create it"})
    if row.name != change.name:
        _refuse_same(environment, change.name, row.owner, field)
    row.name = change.name
    if change.secret:
        secrets.seal(row, change.secret)


def _delete(environment: Environment, change: SecretIn, field: str) -> None:
    environment.secrets.remove(_owned(environment, change, field))


def _refuse_same(environment: Environment, name: str, owner: str, field: str) -> None:
    """Of two secrets of one name nobody would know which one a run gets."""
    if any(row.name == name and row.owner == owner for row in environment.secrets):
        raise Invalid({f"{field}.name": f"The group has a secret {name[:80]} already"})


def _check_name(change: SecretIn, field: str) -> None:
    if not change.name.strip() or "=" in change.name:
        raise Invalid({f"{field}.name": "A secret needs a name without “=”"})


def _owned(environment: Environment, change: SecretIn, field: str) -> AccessKey:
    found = next((row for row in environment.secrets if row.id == change.id), None)
    if found is None:
        raise Invalid({f"{field}.id": f"This group has no secret {change.id}"})
    return found


OPERATIONS = {"create": _create, "update": _update, "delete": _delete}

"""From a claimed row to a RunSpec: everything resolved, secrets decrypted only here."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.executors import executor_of
from app.executors.spec import (
    HostConfigSpec,
    HostKeySpec,
    InventorySpec,
    Key,
    RepositorySpec,
    RunSpec,
    VaultSpec,
)
from app.extensions import settings
from app.models import (
    AccessKey,
    Environment,
    HostConfig,
    HostKey,
    Inventory,
    Repository,
    Task,
    TaskTemplate,
    TemplateVault,
)
from app.services import (
    builds,
    engine_settings,
    run_arguments,
    run_keys,
    run_values,
    task_params,
    task_plans,
    terraform_access,
)

DEFAULT_VAULT = "default"


def _loading() -> Select[Any]:
    """The task :id with all that every run needs, in one query: it begins with that."""
    template = joinedload(Task.template)
    query = select(Task).options(
        joinedload(Task.user),
        joinedload(Task.project),
        template.joinedload(TaskTemplate.repository).joinedload(Repository.ssh_key),
        template.joinedload(TaskTemplate.inventory),
        template.joinedload(TaskTemplate.environments).joinedload(Environment.secrets),
    )
    return query.where(Task.id == bindparam("id"))


LOADING = _loading()


def load(task_id: int) -> Task | None:
    """The task with all that `build` reads; none if it is gone."""
    return db.session.scalars(LOADING, {"id": task_id}).unique().one_or_none()


def build(task: Task) -> RunSpec:
    """Everything the executor needs, in plain values. Raises KeyringError for a lost key."""
    template = task.template
    found = run_values.of(task)
    repository, inventory = repository_spec(template.repository), _inventory(task)
    vaults, mapped = _vaults(template), host_configs(task.project_id)
    spec = RunSpec(
        task_id=task.id,
        project_id=task.project_id,
        app=template.app,
        playbook=template.playbook,
        repository=repository,
        settings=engine_settings.of_server(template.app),
        mark=task.claim or "",
        git_branch=task.git_branch or template.git_branch or "",
        working_directory=template.working_directory or "",
        env=found.env,
        secret_env=found.secret_env,
        extra_vars=found.variables,
        secret_vars=found.secrets,
        untrusted=found.untrusted,
        params=task_params.merged(task),
        inventory=inventory,
        vaults=vaults,
        host_keys=host_keys(task.project_id),
        host_configs=mapped,
        secrets=(
            *found.hidden,
            *run_keys.values(_keys(repository, inventory, vaults, mapped)),
        ),
        **run_arguments.of(task),
        **task_plans.decided(task),
        **_told(task, template),
        **_limit(task),
    )
    return terraform_access.add_to(spec, task)


def repository_spec(row: Repository) -> RepositorySpec:
    """A repository with its key decrypted."""
    return RepositorySpec(
        id=row.id,
        url=row.git_url,
        branch=row.git_branch,
        name=row.name,
        key=str(row.ssh_key_id),
        access=run_keys.key_of(row.ssh_key),
    )


def inventory_spec(row: Inventory) -> InventorySpec:
    """An inventory with its keys decrypted."""
    return InventorySpec(
        id=row.id,
        name=row.name,
        type=row.type,
        text=row.inventory,
        user=run_keys.key_of(row.ssh_key),
        become=run_keys.key_of(row.become_key),
        repository=repository_spec(row.repository) if row.repository else None,
    )


def inventory_of(task: Task) -> Inventory | None:
    """The run's own inventory where it brings one along, else its template's."""
    return task.inventory if task.inventory_id else task.template.inventory


def keys_of(task: Task) -> Iterator[AccessKey | None]:
    """The keys that a run uses, but those of single hosts."""
    yield task.template.repository.ssh_key
    if inventory := inventory_of(task):
        yield from (inventory.ssh_key, inventory.become_key)
        yield inventory.repository.ssh_key if inventory.repository else None
    yield from (vault.vault_key for vault in _vault_rows(task.template))


def _inventory(task: Task) -> InventorySpec | None:
    row = inventory_of(task)
    return inventory_spec(row) if row else None


def _vaults(template: TaskTemplate) -> tuple[VaultSpec, ...]:
    return tuple(
        VaultSpec(row.name or DEFAULT_VAULT, run_keys.key_of(row.vault_key), row.script or "")
        for row in _vault_rows(template)
    )


def _vault_rows(template: TaskTemplate) -> list[TemplateVault]:
    """They are a query of their own, which most kinds have no use for."""
    return template.vaults if executor_of(template.app).takes_vaults else []


def host_keys(project_id: int) -> tuple[HostKeySpec, ...]:
    """The ssh servers that a project knows."""
    query = select(HostKey).where(HostKey.project_id == project_id)
    return tuple(
        HostKeySpec(row.host, row.port, row.type, row.key) for row in db.session.scalars(query)
    )


def host_configs(project_id: int) -> tuple[HostConfigSpec, ...]:
    """The keys that hosts and addresses of a project get of their own, decrypted."""
    query = select(HostConfig).where(HostConfig.project_id == project_id)
    rows = db.session.scalars(query.options(joinedload(HostConfig.ssh_key)))
    found = ((row, run_keys.key_of(row.ssh_key)) for row in rows)
    return tuple(HostConfigSpec(row.type, row.host, key) for row, key in found if key)


def _keys(
    repository: RepositorySpec,
    inventory: InventorySpec | None,
    vaults: Iterable[VaultSpec],
    mapped: Iterable[HostConfigSpec],
) -> Iterator[Key | None]:
    yield repository.access
    if inventory:
        yield from (inventory.user, inventory.become)
        yield inventory.repository.access if inventory.repository else None
    yield from (vault.key for vault in vaults)
    yield from (one.key for one in mapped)


def _details(task: Task, template: TaskTemplate) -> dict[str, Any]:
    inventory = inventory_of(task)
    return {
        "message": task.message or None,
        "username": task.user.username if task.user else "",
        "url": _url(task),
        "inventory_id": inventory.id if inventory else None,
        "inventory_name": inventory.name if inventory else None,
    }


def _told(task: Task, template: TaskTemplate) -> dict[str, Any]:
    """What the script may want to know of its run."""
    return {
        "details": _details(task, template),
        "task_type": template.type,
        "deploys_build": task.build_task_id is not None,
        "incoming_version": builds.incoming(task),
        "target_version": task.version,
    }


def _url(task: Task) -> str | None:
    host = settings().WEB_HOST.rstrip("/")
    return f"{host}/p/{task.project_id}/runs/{task.id}" if host else None


def _limit(task: Task) -> dict[str, Any]:
    """The tightest of the limits of server, project, template and run, and whose it is; 0: none."""
    limits = (
        (task.max_duration or 0, "run"),
        (task.template.max_duration, "template"),
        (task.project.max_duration, "project"),
        (settings().MAX_TASK_DURATION_SEC, "server"),
    )
    given = [limit for limit in limits if limit[0] > 0]
    seconds, whose = min(given, key=lambda limit: limit[0], default=(0, ""))
    return {"max_duration": seconds, "limit_of": whose}

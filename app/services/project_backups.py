"""A project as a file, in the original's format: everything but secrets, members, runs, events,
states."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.db import db
from app.models import (
    AccessKey,
    CustomRole,
    Environment,
    HostConfig,
    Integration,
    Inventory,
    Project,
    ProjectView,
    Repository,
    Schedule,
    TaskTemplate,
    TemplateRole,
    TerraformAlias,
)
from app.schemas.environments import KINDS
from app.schemas.integrations import ExtractValueIn, MatcherIn
from app.services import access_keys, host_keys, integration_aliases, schedules, template_roles

Json = dict[str, Any]

LONGEST = 255  # characters of a name; a longer one could not be restored
META = ("name", "alert", "alert_chat", "max_parallel_tasks", "max_duration", "type")
VIEW = ("position", "type", "hidden", "sort_column", "sort_reverse")
SCHEDULE = ("name", "type", "cron_format", "timezone", "missed", "delete_after_run", "active")
INTEGRATION = ("auth_method", "auth_header", "searchable", "when_waiting", "per_minute")
NO_PARAMETERS = (  # the template is named beside them, runs and secrets are not in the file
    "template_id", "template_name", "build_task_id", "repeats_id", "same_commit", "secret",
)  # fmt: skip
TEMPLATE = (
    "app", "playbook", "description", "type", "start_version", "autorun", "arguments", "git_branch",
    "working_directory", "survey_vars", "task_params", "allow_override_args_in_task",
    "allow_override_branch_in_task", "allow_any_vars_in_task", "allow_parallel_tasks",
    "suppress_success_alerts", "suppress_error_alerts", "runner_tag", "max_duration",
    "rerun_if_lost", "retries", "retry_pause",
)  # fmt: skip


def make(project: Project) -> Json:
    """The file, as JSON. Of two objects with one name the second is called "name - 2" in it."""
    return _Backup(project).document()


class _Backup:
    """One project, read once; `_names` has what each object is called in the file, by its id."""

    def __init__(self, project: Project) -> None:
        self._project = project
        keys = select(AccessKey).filter_by(project_id=project.id, owner=access_keys.SHARED)
        self._keys = _ordered(keys, AccessKey.name)
        self._views = self._all(ProjectView, ProjectView.title)
        self._environments = self._all(Environment, Environment.name, Environment.secrets)
        self._repositories = self._all(Repository, Repository.name)
        self._inventories = self._all(Inventory, Inventory.name)
        self._roles = self._all(CustomRole, CustomRole.name)
        options = (TaskTemplate.environments, TaskTemplate.vaults)
        self._templates = self._all(TaskTemplate, TaskTemplate.name, *options)
        rules = (Integration.matchers, Integration.extract_values, Integration.aliases)
        self._integrations = self._all(Integration, Integration.name, *rules)
        self._names = {
            AccessKey: _unique(self._keys),
            ProjectView: _unique(self._views, "title"),
            Environment: _unique(self._environments),
            Repository: _unique(self._repositories),
            Inventory: _unique(self._inventories),
            TaskTemplate: _unique(self._templates),
            CustomRole: _unique(self._roles),
            Integration: _unique(self._integrations),
        }
        self._schedules = schedules.list_for(project)
        self._state_aliases = self._all(TerraformAlias, TerraformAlias.alias)
        self._attached = template_roles.by_template(project)

    def _all(self, model: Any, by: Any, *loaded: Any) -> list[Any]:
        query = select(model).filter_by(project_id=self._project.id)
        return _ordered(query.options(*map(selectinload, loaded)), by)

    def _name(self, model: Any, row_id: int | None) -> str | None:
        return self._names[model].get(row_id) if row_id else None

    def document(self) -> Json:
        return {
            "meta": _plain(self._project, META),
            "keys": [{"name": self._name(AccessKey, k.id), "type": k.type} for k in self._keys],
            "views": list(map(self._view, self._views)),
            "environments": list(map(self._environment, self._environments)),
            "repositories": list(map(self._repository, self._repositories)),
            "inventories": list(map(self._inventory, self._inventories)),
            "host_configs": list(map(self._host_config, self._all(HostConfig, HostConfig.host))),
            "known_hosts": host_keys.lines(self._project),
            "roles": list(map(self._role, self._roles)),
            "templates": list(map(self._template, self._templates)),
            "schedules": list(map(self._schedule, self._schedules)),
            "integrations": list(map(self._integration, self._integrations)),
            "integration_aliases": _names(integration_aliases.list_for(self._project)),
        }

    def _view(self, view: ProjectView) -> Json:
        return {"title": self._name(ProjectView, view.id)} | _plain(view, VIEW)

    def _environment(self, group: Environment) -> Json:
        secrets = [{"name": row.name, "type": KINDS[row.owner]} for row in group.secrets]
        return {
            "name": self._name(Environment, group.id),
            **_plain(group, ("password", "json", "env")),
            "secrets": secrets,
        }

    def _repository(self, repository: Repository) -> Json:
        return {
            "name": self._name(Repository, repository.id),
            **_plain(repository, ("git_url", "git_branch")),
            "ssh_key": self._name(AccessKey, repository.ssh_key_id),
        }

    def _inventory(self, inventory: Inventory) -> Json:
        aliases = [row for row in self._state_aliases if row.inventory_id == inventory.id]
        return _set(
            {
                "name": self._name(Inventory, inventory.id),
                **_plain(inventory, ("type", "inventory", "runner_tag")),
                "ssh_key": self._name(AccessKey, inventory.ssh_key_id),
                "become_key": self._name(AccessKey, inventory.become_key_id),
                "repository": self._name(Repository, inventory.repository_id),
                "template": self._name(TaskTemplate, inventory.template_id),
                "state_aliases": list(map(self._state_alias, aliases)) or None,
            }
        )

    def _state_alias(self, row: TerraformAlias) -> Json:
        return {"alias": row.alias, "auth_key": self._name(AccessKey, row.auth_key_id)}

    def _host_config(self, mapping: HostConfig) -> Json:
        own = _plain(mapping, ("type", "host"))
        return own | {"ssh_key": self._name(AccessKey, mapping.ssh_key_id)}

    def _role(self, role: CustomRole) -> Json:
        own = _plain(role, ("slug", "permissions"))
        return {"name": self._name(CustomRole, role.id)} | own

    def _template_role(self, grant: TemplateRole) -> Json:
        """A role of all projects is not in the file; its slug finds it again."""
        role, is_global = grant.role, grant.role.project_id is None
        return {
            "role": role.name if is_global else self._name(CustomRole, role.id),
            "is_global": is_global,
            "slug": role.slug,
            "permissions": grant.permissions,
        }

    def _template(self, template: TaskTemplate) -> Json:
        groups = [self._name(Environment, group.id) for group in template.environments]
        return _set(
            {
                "name": self._name(TaskTemplate, template.id),
                **_plain(template, TEMPLATE),
                "repository": self._name(Repository, template.repository_id),
                "inventory": self._name(Inventory, template.inventory_id),
                "environment": groups[0] if groups else None,
                "environments": groups,
                "view": self._name(ProjectView, template.view_id),
                "build_template": self._name(TaskTemplate, template.build_template_id),
                "cron": self._cron(template),
                "vaults": list(map(self._vault, template.vaults)),
                "roles": list(map(self._template_role, self._attached.get(template.id, []))),
            }
        )

    def _cron(self, template: TaskTemplate) -> str | None:
        """All that older servers take of schedules is one line for each template."""
        found = (s.cron_format for s in self._schedules if s.template_id == template.id)
        return next(filter(None, found), None)

    def _schedule(self, schedule: Schedule) -> Json:
        params, named = self._params(schedule.task_params)
        return _set(
            {
                **_plain(schedule, SCHEDULE),
                "run_at": schedule.run_at and schedule.run_at.isoformat(),
                "template": self._name(TaskTemplate, schedule.template_id),
                "checkable_repository": self._name(Repository, schedule.repository_id),
                **named,
                "task_params": params or None,
            }
        )

    def _integration(self, integration: Integration) -> Json:
        params, named = self._params(integration.task_params)
        return _set(
            {
                "name": self._name(Integration, integration.id),
                **_plain(integration, INTEGRATION),
                "template": self._name(TaskTemplate, integration.template_id),
                "auth_secret": self._name(AccessKey, integration.auth_secret_id),
                **named,
                "task_params": params,
                "matchers": [_plain(row, MatcherIn.model_fields) for row in integration.matchers],
                "extract_values": [
                    _plain(row, ExtractValueIn.model_fields) for row in integration.extract_values
                ],
                "aliases": _names(integration.aliases),
            }
        )

    def _params(self, stored: Json | None) -> tuple[Json, Json]:
        """Parameters of a start as a file has them, and the names of what they refer to."""
        params = dict(stored or {})
        named = {
            "inventory": self._name(Inventory, params.pop("inventory_id", None)),
            "environment": self._name(Environment, params.pop("environment_id", None)),
        }
        return {k: v for k, v in params.items() if k not in NO_PARAMETERS}, named

    def _vault(self, vault: Any) -> Json:
        key = {"vault_key": self._name(AccessKey, vault.vault_key_id)}
        return _set(_plain(vault, ("name", "type", "script")) | key)


def _ordered(query: Any, by: Any) -> list[Any]:
    return list(db.session.scalars(query.order_by(by, by.class_.id)))


def _names(aliases: Iterable[Any]) -> list[str]:
    return [row.alias for row in aliases]


def _plain(row: Any, names: Iterable[str]) -> Json:
    return _set({name: getattr(row, name) for name in names})


def _set(values: Json) -> Json:
    """Clients refuse null: what is unset is left out."""
    return {name: value for name, value in values.items() if value is not None}


def _unique(rows: Iterable[Any], field: str = "name") -> dict[int, str]:
    """What to call each row in the file, by its id: names need not differ, references must."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    numbers: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(2))
    for row in rows:
        name = free = getattr(row, field) or f"{type(row).__name__} {row.id}"
        while free in taken:
            number = f" - {next(numbers[name])}"
            free = name[: LONGEST - len(number)] + number
        taken.add(free)
        found[row.id] = free
    return found

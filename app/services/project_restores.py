"""From a backup file to a project: all of it, or nothing."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from app.db import db
from app.errors import Invalid
from app.models import (
    AccessKey,
    AccessKeyType,
    CustomRole,
    Environment,
    Integration,
    Project,
    Schedule,
    TaskTemplate,
    User,
)
from app.schemas.environments import OWNERS
from app.schemas.host_keys import parse
from app.schemas.project_backups import (
    IntegrationEntry,
    ProjectBackup,
    RoleEntry,
    ScheduleEntry,
    StateAliasEntry,
    TemplateEntry,
)
from app.schemas.roles import CustomRoleIn, slug_of
from app.services import (
    environments,
    events,
    host_configs,
    host_keys,
    integration_restores,
    inventories,
    project_views,
    projects,
    repositories,
    roles,
    schedule_restores,
    template_restores,
    terraform_aliases,
)
from app.services.backup_files import below

Ids = dict[str, int]
WORDS = {
    "workflows": "workflows",
    "secret_storages": "secret storages",
    "runners": "runners",
    "roles": "roles of all projects at templates",
    "permissions": "permissions at templates beyond their roles",
}


def restore(backup: ProjectBackup, *, actor: User) -> Project:
    """Make a project of a file, owned by `actor`; it may have the name of another one.

    Keys and secrets are there without their values. What this version cannot keep is named in the
    project's activity. Raises Invalid, naming the path of a field, and then nothing is stored.
    """
    return _Restore(backup, actor).run()


class _Restore:
    """The ids of what was made so far, by kind and name."""

    def __init__(self, backup: ProjectBackup, actor: User) -> None:
        self._backup, self._actor = backup, actor
        self._made: dict[str, Ids] = {}
        self._lost: Counter[str] = Counter()  # what this server cannot keep
        self._project: Project

    def run(self) -> Project:
        self._project = projects.create_empty(self._backup.meta, actor=self._actor)
        self._each("keys", self._key)
        self._each("views", self._view, field="title")
        self._each("environments", self._environment)
        self._each("repositories", self._repository)
        self._each("inventories", self._inventory)
        self._each("host_configs", self._host_config, field="")
        self._pin_hosts()
        self._each("roles", self._role)
        self._each("templates", self._template)
        template_restores.tie(self._project, self._backup, self._id)
        self._each("schedules", self._schedule, field="")
        schedule_restores.of_older_servers(self._project, self._backup, self._id, actor=self._actor)
        self._each("integrations", self._integration)
        integration_restores.bring_back_addresses(
            self._project, self._backup, self._id, actor=self._actor
        )
        self._say_what_is_left_out()
        return self._project

    def _each(self, kind: str, make: Callable[[Any], Any], *, field: str = "name") -> None:
        ids = self._made.setdefault(kind, {})
        for place, entry in enumerate(getattr(self._backup, kind)):
            path = f"{kind}[{place}]"
            name = getattr(entry, field) if field else path
            if name in ids:
                raise Invalid({f"{path}.{field}": f"“{name}” is there twice"})
            with below(path):
                ids[name] = make(entry).id

    def _id(self, kind: str, field: str, name: str) -> int | None:
        """The id of an object that is named, or None. Raises Invalid for one that is not there."""
        if not name:
            return None
        if name not in self._made[kind]:
            raise Invalid({field: f"There is no “{name}” among the {kind} of this file"})
        return self._made[kind][name]

    def _key(self, entry: Any) -> AccessKey:
        key = AccessKey(project_id=self._project.id, name=entry.name, type=entry.type)
        db.session.add(key)
        db.session.flush()  # What refers to it needs its id.
        return key

    def _view(self, entry: Any) -> Any:
        return project_views.create(self._project, entry, actor=self._actor)

    def _environment(self, entry: Any) -> Environment:
        bare = entry.model_copy(update={"secrets": []})
        group = environments.create(self._project, bare, actor=self._actor)
        for secret in entry.secrets:
            group.secrets.append(
                AccessKey(
                    project_id=self._project.id,
                    name=secret.name,
                    type=AccessKeyType.STRING,
                    owner=OWNERS[secret.type],
                )
            )
        return group

    def _repository(self, entry: Any) -> Any:
        key = self._id("keys", "ssh_key", entry.ssh_key)
        data = entry.model_copy(update={"ssh_key_id": key})
        return repositories.create(self._project, data, actor=self._actor)

    def _inventory(self, entry: Any) -> Any:
        ids = {
            "ssh_key_id": self._id("keys", "ssh_key", entry.ssh_key),
            "become_key_id": self._id("keys", "become_key", entry.become_key),
            "repository_id": self._id("repositories", "repository", entry.repository),
            "template_id": None,
        }
        data = entry.model_copy(update=ids)
        made = inventories.create(self._project, data, actor=self._actor)
        for number, alias in enumerate(entry.state_aliases):
            self._state_alias(made, alias, f"state_aliases[{number}]")
        return made

    def _state_alias(self, workspace: Any, entry: StateAliasEntry, path: str) -> None:
        key_id = self._id("keys", f"{path}.auth_key", entry.auth_key)
        key = db.session.get_one(AccessKey, key_id)
        terraform_aliases.bring_back(workspace, entry.alias, key, actor=self._actor)

    def _host_config(self, entry: Any) -> Any:
        key = self._id("keys", "ssh_key", entry.ssh_key)
        data = entry.model_copy(update={"ssh_key_id": key})
        return host_configs.create(self._project, data, actor=self._actor)

    def _pin_hosts(self) -> None:
        pins = [pin for line in self._backup.known_hosts for pin in parse(line)]
        try:
            host_keys.pin_all(self._project, pins, actor=self._actor)
        except Invalid as error:
            raise Invalid({"known_hosts": error.fields["lines"]}) from error

    def _template(self, entry: TemplateEntry) -> TaskTemplate:
        return template_restores.make(self._project, entry, self._id, self._lost, actor=self._actor)

    def _role(self, entry: RoleEntry) -> CustomRole:
        slug = roles.free_slug(self._project, entry.slug or slug_of(entry.name))
        data = CustomRoleIn(slug=slug, name=entry.name, permissions=entry.permissions)
        return roles.create(self._project, data, actor=self._actor)

    def _schedule(self, entry: ScheduleEntry) -> Schedule:
        return schedule_restores.make(self._project, entry, self._id, actor=self._actor)

    def _integration(self, entry: IntegrationEntry) -> Integration:
        return integration_restores.make(self._project, entry, self._id, actor=self._actor)

    def _say_what_is_left_out(self) -> None:
        lost = self._backup.left_out | +self._lost
        parts = [f"{count} {WORDS[kind]}" for kind, count in lost.items()]
        without = f" without {', '.join(parts)}, which this version cannot keep" if parts else ""
        events.record(
            self._project.id, self._actor, self._project, f"restored from a file{without}"
        )

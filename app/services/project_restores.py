"""From a backup file to a project: all of it, or nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from app.db import db
from app.errors import AlreadyThere, DomainError, Invalid
from app.models import (
    AccessKey,
    AccessKeyType,
    CustomRole,
    Environment,
    Project,
    Schedule,
    TaskTemplate,
    User,
)
from app.schemas.environments import OWNERS
from app.schemas.host_keys import parse
from app.schemas.project_backups import (
    ProjectBackup,
    RoleEntry,
    ScheduleEntry,
    TemplateEntry,
    TemplateRoleEntry,
    VaultEntry,
)
from app.schemas.roles import CustomRoleIn, slug_of
from app.schemas.task_templates import DEPLOY
from app.schemas.template_roles import TemplateRoleIn
from app.schemas.template_vaults import PASSWORD, SCRIPT, VaultIn
from app.services import (
    builds,
    environments,
    events,
    host_configs,
    host_keys,
    inventories,
    project_views,
    projects,
    repositories,
    roles,
    schedule_restores,
    task_templates,
    template_roles,
)

Ids = dict[str, int]
MOST_TOLD = 20  # mistakes of a file
WORDS = {
    "integrations": "integrations",
    "integration_aliases": "project aliases of integrations",
    "workflows": "workflows",
    "secret_storages": "secret storages",
    "runners": "runners",
    "roles": "roles of all projects at templates",
    "permissions": "permissions at templates beyond their roles",
}


def read(data: bytes) -> ProjectBackup:
    """Check a file. Raises Invalid, naming the path of each field, or DomainError for no JSON."""
    try:
        found = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise DomainError(f"The file is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise DomainError("The file must be a JSON object")
    try:
        return ProjectBackup.model_validate(found, strict=True)
    except ValidationError as error:
        fields = {_path(e["loc"]): _reason(e) for e in error.errors()}
        raise Invalid(fields, _said(fields)) from error


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
        self._tie()
        self._each("schedules", self._schedule, field="")
        schedule_restores.of_older_servers(self._project, self._backup, self._id, actor=self._actor)
        self._say_what_is_left_out()
        return self._project

    def _each(self, kind: str, make: Callable[[Any], Any], *, field: str = "name") -> None:
        ids = self._made.setdefault(kind, {})
        for place, entry in enumerate(getattr(self._backup, kind)):
            path = f"{kind}[{place}]"
            name = getattr(entry, field) if field else path
            if name in ids:
                raise Invalid({f"{path}.{field}": f"“{name}” is there twice"})
            with _below(path):
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
        return inventories.create(self._project, entry.model_copy(update=ids), actor=self._actor)

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
        groups = entry.environments or [entry.environment]
        found = (self._id("environments", "environments", name) for name in groups)
        data = entry.model_copy(
            update={
                "repository_id": self._id("repositories", "repository", entry.repository),
                "inventory_id": self._id("inventories", "inventory", entry.inventory),
                "environment_ids": [group for group in found if group],
                "view_id": self._id("views", "view", entry.view),
                "build_template_id": None,
                "vaults": [self._vault(vault) for vault in _vaults(entry)],
            }
        )
        template = task_templates.add(self._project, data, actor=self._actor)
        for role in entry.roles:
            self._attach(template, role)
        return template

    def _role(self, entry: RoleEntry) -> CustomRole:
        slug = roles.free_slug(self._project, entry.slug or slug_of(entry.name))
        data = CustomRoleIn(slug=slug, name=entry.name, permissions=entry.permissions)
        return roles.create(self._project, data, actor=self._actor)

    def _attach(self, template: TaskTemplate, entry: TemplateRoleEntry) -> None:
        """A role of all projects may not exist here; none gives more than it says itself."""
        if entry.is_global:
            role = roles.find_global(entry.slug, entry.role)
        else:
            role = db.session.get(CustomRole, self._id("roles", "roles", entry.role))
        if role is None:
            self._lost["roles"] += 1
            return
        given = entry.permissions & role.permissions
        self._lost["permissions"] += given != entry.permissions
        data = TemplateRoleIn(role_slug=role.slug, permissions=given)
        try:
            template_roles.create(self._project, template, data, actor=self._actor)
        except AlreadyThere as error:
            raise Invalid({"roles": f"“{entry.role}” is there twice"}) from error

    def _vault(self, entry: VaultEntry) -> VaultIn:
        key = self._id("keys", "vaults", entry.vault_key)
        kind = entry.type or (PASSWORD if key else SCRIPT)
        try:
            return VaultIn(name=entry.name, type=kind, vault_key_id=key, script=entry.script)
        except ValidationError as error:
            raise Invalid({"vaults": _reason(error.errors()[0])}) from error

    def _tie(self) -> None:
        """Templates and inventories refer to templates that come later in the file."""
        for place, entry in enumerate(self._backup.templates):
            with _below(f"templates[{place}]"):
                build = self._id("templates", "build_template", entry.build_template)
            row = db.session.get_one(TaskTemplate, self._made["templates"][entry.name])
            row.build_template_id = build if row.type == DEPLOY else None
        db.session.flush()  # All of them are tied now: a circle shows.
        for place, entry in enumerate(self._backup.templates):
            with _below(f"templates[{place}]"):
                row = db.session.get_one(TaskTemplate, self._made["templates"][entry.name])
                builds.check_chain(row, builds.source_of(row))
        for place, workspace in enumerate(self._backup.inventories):
            with _below(f"inventories[{place}]"):
                holder = self._id("templates", "template", workspace.template)
            row_id = self._made["inventories"][workspace.name]
            inventories.get(self._project, row_id).template_id = holder

    def _schedule(self, entry: ScheduleEntry) -> Schedule:
        return schedule_restores.make(self._project, entry, self._id, actor=self._actor)

    def _say_what_is_left_out(self) -> None:
        lost = self._backup.left_out | +self._lost
        parts = [f"{count} {WORDS[kind]}" for kind, count in lost.items()]
        without = f" without {', '.join(parts)}, which this version cannot keep" if parts else ""
        events.record(
            self._project.id, self._actor, self._project, f"restored from a file{without}"
        )


def _vaults(entry: TemplateEntry) -> list[VaultEntry]:
    """`vault_key` is what there was before templates had several."""
    old = [VaultEntry(vault_key=entry.vault_key)] if entry.vault_key else []
    return entry.vaults or old


@contextmanager
def _below(path: str) -> Iterator[None]:
    """What an entry is refused for is told with the path of its field in the file."""
    try:
        yield
    except Invalid as error:
        renamed = {f"{path}.{name.removesuffix('_id')}": why for name, why in error.fields.items()}
        raise Invalid(renamed) from error


def _path(loc: tuple[Any, ...]) -> str:
    """("templates", 2, "name") as `templates[2].name`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".") or "file"


def _said(fields: dict[str, str]) -> str:
    """The refusal as one text: a file may have thousands of mistakes, of which the first help."""
    first = [f"{path}: {why}" for path, why in islice(fields.items(), MOST_TOLD)]
    more = len(fields) - len(first)
    return "; ".join(first) + (f"; and {more} more" if more else "")


def _reason(error: Any) -> str:
    return str(error["msg"]).removeprefix("Value error, ")

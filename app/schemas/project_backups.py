"""The file that a project is backed up to: the original's format, with what it loses added.

Objects have no ids in it and refer to each other by their names. Names of ours that the original
does not know (it ignores them): `secrets` of environments, `host_configs`, `known_hosts`, `slug` of
roles, the `inventory` of an integration's runs, and of templates, inventories and integrations the
fields that it leaves out.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, Field, field_validator

from app.models import AccessKeyType
from app.schemas.base import Input, Line, Path, Text, filled, reason
from app.schemas.environments import EnvironmentIn
from app.schemas.host_configs import HostConfigIn
from app.schemas.host_keys import parse
from app.schemas.integrations import ExtractValueIn, IntegrationIn, MatcherIn
from app.schemas.inventories import InventoryIn
from app.schemas.project_views import ProjectViewIn
from app.schemas.projects import ProjectIn
from app.schemas.repositories import RepositoryIn
from app.schemas.roles import Bits, RoleChangeIn
from app.schemas.schedules import ScheduleIn, checked
from app.schemas.task_templates import TaskTemplateIn
from app.schemas.tasks import TaskIn
from app.schemas.template_vaults import DEFAULT

MOST = 10_000  # entries of a list
# Of the parameters of a start.
NUMBERS = ("inventory_id", "environment_id", "build_task_id", "repeats_id")
Named = Annotated[Line, filled("A name is needed")]


def _many(entry: Any) -> Any:
    return Annotated[list[entry], Field(max_length=MOST)]


def _address(name: str) -> str:
    if not re.fullmatch("[a-z0-9]{16}", name):
        raise reason("Must be 16 of the characters a-z and 0-9")
    return name


Alias = Annotated[str, AfterValidator(_address)]  # the last part of an address of webhooks


class KeyEntry(Input):
    """A key without its secret."""

    name: Named = ""
    type: str = ""

    @field_validator("type")
    @classmethod
    def be_a_type(cls, value: str) -> str:
        if value not in list(AccessKeyType):
            raise reason(f"Must be one of {', '.join(AccessKeyType)}")
        return value


class SecretEntry(Input):
    """A secret of a variable group without its value."""

    name: Named = ""
    type: Literal["var", "env"] = "var"


class EnvironmentEntry(EnvironmentIn):
    name: Named = ""
    secrets: list[SecretEntry] = []  # type: ignore[assignment]


class ViewEntry(ProjectViewIn):
    """The document calls its title a name."""

    title: Annotated[Line, filled("title can not be empty")] = Field(
        "", validation_alias=AliasChoices("title", "name")
    )


class RepositoryEntry(RepositoryIn):
    ssh_key: Line = ""


class StateAliasEntry(Input):
    """An address of the state of a workspace, and the key that opens it."""

    alias: Alias = ""
    auth_key: Named = ""


class InventoryEntry(InventoryIn):
    """`template` is the one that a workspace belongs to. Its state is not in the file."""

    name: Named = ""
    ssh_key: Line = ""
    become_key: Line = ""
    repository: Line = ""
    template: Line = ""
    state_aliases: _many(StateAliasEntry) = []  # type: ignore[valid-type]


class HostConfigEntry(HostConfigIn):
    ssh_key: Line = ""


def _known(line: str) -> str:
    parse(line)
    return line


KnownHost = Annotated[Text, AfterValidator(_known)]  # a line of the file of that name


class RoleEntry(RoleChangeIn):
    """A custom role of the project."""

    slug: Line = ""


class TemplateRoleEntry(Input):
    """A role that is attached to a template: of the project, or of all."""

    role: Named = ""
    is_global: bool = False
    slug: Line = ""
    permissions: Bits = 0


def _without_numbers(params: Any) -> Any:
    """A number may be another object's on this server, so that a run would use the wrong one."""
    given = TaskIn.model_validate(params or {})
    for name in NUMBERS:
        if getattr(given, name):
            raise reason(f"{name}: A file names objects, it has no numbers of them")
    return params


class ScheduleEntry(ScheduleIn):
    """The original calls the repository that is looked at checkable."""

    template: Named = ""
    checkable_repository: Line = ""
    inventory: Line = ""  # of its runs
    environment: Line = ""

    _params = field_validator("task_params")(_without_numbers)


def _cron(line: str) -> str:
    """An empty one stands for none."""
    return line and checked(line)


Cron = Annotated[Line, AfterValidator(_cron)]


class VaultEntry(Input):
    name: Line | None = None
    type: Literal["", "password", "script"] = ""
    vault_key: Line = ""
    script: Path | None = None

    @property
    def vault_id(self) -> str:
        return self.name or DEFAULT


class TemplateEntry(TaskTemplateIn):
    """`environment` is the old form of `environments`, `vault_key` of `vaults`."""

    repository: Line = ""
    inventory: Line = ""
    environment: Line = ""
    environments: list[Line] = []
    view: Line = ""
    build_template: Line = ""
    vaults: list[VaultEntry] = []  # type: ignore[assignment]
    vault_key: Line = ""
    roles: list[TemplateRoleEntry] = []
    cron: Cron = ""

    @field_validator("survey_vars", mode="before")
    @classmethod
    def be_a_list(cls, value: Any) -> Any:
        """The document calls it a text; nothing but an empty one was ever seen."""
        return [] if value == "" else value


class IntegrationEntry(IntegrationIn):
    """An integration with its rules, and with the addresses that are its own."""

    template: Named = ""
    auth_secret: Line = ""
    inventory: Line = ""  # of its runs
    environment: Line = ""
    matchers: _many(MatcherIn) = []  # type: ignore[valid-type]
    extract_values: _many(ExtractValueIn) = []  # type: ignore[valid-type]
    aliases: _many(Alias) = []  # type: ignore[valid-type]

    _params = field_validator("task_params")(_without_numbers)


class UploadIn(Input):
    """The file as a browser sends it, still to be read."""

    file: bytes = b""


class ProjectBackup(Input):
    """A project with all that is in it, but for secrets, members, runs and events.

    `left_out` are parts of the original's file that this version cannot keep.
    """

    meta: ProjectIn = ProjectIn()
    keys: _many(KeyEntry) = []  # type: ignore[valid-type]
    views: _many(ViewEntry) = []  # type: ignore[valid-type]
    environments: _many(EnvironmentEntry) = []  # type: ignore[valid-type]
    repositories: _many(RepositoryEntry) = []  # type: ignore[valid-type]
    inventories: _many(InventoryEntry) = []  # type: ignore[valid-type]
    host_configs: _many(HostConfigEntry) = []  # type: ignore[valid-type]
    roles: _many(RoleEntry) = []  # type: ignore[valid-type]
    templates: _many(TemplateEntry) = []  # type: ignore[valid-type]
    known_hosts: _many(KnownHost) = []  # type: ignore[valid-type]
    schedules: _many(ScheduleEntry) = []  # type: ignore[valid-type]
    integrations: _many(IntegrationEntry) = []  # type: ignore[valid-type]
    integration_aliases: _many(Alias) = []  # type: ignore[valid-type]
    workflows: list[Any] = []
    secret_storages: list[Any] = []
    runners: list[Any] = []

    @property
    def left_out(self) -> dict[str, int]:
        """How many of each kind."""
        found = {name: len(getattr(self, name)) for name in LATER}
        return {name: count for name, count in found.items() if count}


LATER = ("workflows", "secret_storages", "runners")

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, computed_field, field_validator
from pydantic_core import from_json

from app.lib import step_arguments
from app.lib.git_urls import BadRef, check_ref
from app.schemas.base import (
    INSIDE,
    AnyPath,
    Count,
    Id,
    Input,
    Line,
    Output,
    Path,
    Reference,
    Text,
    filled,
    is_inside,
    reason,
)
from app.schemas.survey_vars import SurveyVar
from app.schemas.survey_vars import refuse_same as refuse_same_questions
from app.schemas.tasks import TaskWithTpl
from app.schemas.template_vaults import VaultIn, VaultOut, refuse_same

MOST_RETRIES, LONGEST_PAUSE = 20, 86_400  # runs; seconds
BUILD, DEPLOY = "build", "deploy"  # types of templates


def _arguments(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError("template arguments must be valid JSON") from error
    if found and isinstance(found, dict):
        return text if _by_step(found) else None
    if not isinstance(found, list) or any(not isinstance(item, str) for item in found):
        raise reason('Must be a JSON list of texts: ["--verbose"]')
    return text


def _by_step(found: dict[str, Any]) -> bool:
    try:
        return bool(step_arguments.checked(found))
    except ValueError as error:
        raise reason(str(error)) from error


def _branch(name: str) -> str | None:
    if not name:
        return None
    try:
        return check_ref(name)
    except BadRef as error:
        raise reason(str(error)) from error


def _below_the_top(path: str) -> str:
    """Directories may be written with a slash in front, as clients do."""
    if not is_inside(path.lstrip("/")):
        raise reason(INSIDE)
    return path


def _none_for_the_top(path: str) -> str | None:
    return path if PurePosixPath(path).parts else None


def _none_if_empty(text: str) -> str | None:
    return text or None


OptionalLine = Annotated[Line, AfterValidator(_none_if_empty)] | None


class TaskTemplateIn(Input):
    """What can be run. `environment_id` is the old form of `environment_ids`; clients send both,
    and services.template_groups decides which one is meant.

    `max_duration`, `rerun_if_lost`, `retries` and `retry_pause` are ours: clients that do
    not know them keep them.
    """

    name: Annotated[Line, filled("template name can not be empty")] = ""
    """What people call it."""
    app: str = ""
    """What runs it: ansible, bash, terraform …."""
    playbook: Annotated[AnyPath, AfterValidator(_below_the_top)] = ""
    """The script or playbook, or the directory, in the repository."""
    description: Text | None = None
    """What it is for."""
    type: Literal["", "build", "deploy"] = ""  # BUILD, DEPLOY, or a task
    """Empty: a task; build counts versions, deploy takes a build."""
    repository_id: Reference = None
    """Where the script is."""
    inventory_id: Reference = None
    """The hosts."""
    environment_id: Reference = None
    """The first of `environment_ids`, for clients that know only one."""
    environment_ids: list[Id] = []
    """Variable groups; a later one wins."""
    view_id: Reference = None
    """The view that shows it."""
    vaults: list[VaultIn] = []
    """Passwords of Ansible's vaults."""
    build_template_id: Reference = None
    """What a deploy deploys."""
    start_version: OptionalLine = None
    """The first version of a build."""
    autorun: bool = False
    """Whether a deploy starts after each build."""
    arguments: Annotated[Text, AfterValidator(_arguments)] | None = None
    """Arguments of the tool: a JSON list as a text, or an object with lists by step."""
    git_branch: Annotated[Line, AfterValidator(_branch)] | None = None
    """Another branch than the repository's."""
    working_directory: Annotated[Path, AfterValidator(_none_for_the_top)] | None = None
    """Where in the repository the tool starts."""
    survey_vars: list[SurveyVar] = []
    """What a start is asked."""
    task_params: dict[str, Any] | None = None
    """Parameters of the tool (Ansible: limit, tags, skip_tags, ansible_core …), and which of them a
    run may change: allow_override_inventory, allow_override_environment; of Ansible
    allow_override_limit, allow_override_tags, allow_override_skip_tags, allow_debug,
    allow_override_skip_galaxy_install, hide_dry_run, hide_diff; of Ansible and scripts
    allow_refresh_python; of Terraform allow_destroy, allow_auto_approve, hide_plan,
    hide_init_options."""
    allow_override_args_in_task: bool = False
    """A run may add arguments."""
    allow_override_branch_in_task: bool = False
    """A run may choose the branch."""
    allow_any_vars_in_task: bool = False
    """A run may set variables that no question asks for."""
    allow_parallel_tasks: bool = False
    """Several runs of it at the same time."""
    suppress_success_alerts: bool = False
    """Kept for the time when the server has channels for alerts."""
    suppress_error_alerts: bool = False
    """The same."""
    runner_tag: OptionalLine = None
    """Must be empty: no worker serves tags yet."""
    max_duration: Count | None = None
    """Seconds a run may take; 0: no limit of its own."""
    rerun_if_lost: bool | None = None
    """Start a run again whose worker died."""
    retries: Annotated[int, Field(ge=0, le=MOST_RETRIES)] | None = None
    """How often a failed run is tried again."""
    retry_pause: Annotated[int, Field(ge=0, le=LONGEST_PAUSE)] | None = None
    """Seconds before it is."""

    @field_validator("vaults")
    @classmethod
    def be_different(cls, value: list[VaultIn]) -> list[VaultIn]:
        refuse_same(value)
        return value

    @field_validator("survey_vars")
    @classmethod
    def ask_for_each_once(cls, value: list[SurveyVar]) -> list[SurveyVar]:
        refuse_same_questions(value)
        return value


class DescriptionIn(Input):
    description: Text = ""
    """What it is for."""


class TaskTemplateOut(Output):
    id: int
    project_id: int
    name: str
    app: str
    playbook: str
    description: str | None
    type: str
    repository_id: int
    inventory_id: int | None
    view_id: int | None
    environment_ids: list[int]
    build_template_id: int | None
    start_version: str | None
    autorun: bool
    arguments: str | None
    git_branch: str | None
    working_directory: str | None
    survey_vars: list[dict[str, Any]]
    vaults: list[VaultOut] = []
    task_params: dict[str, Any] | None
    allow_override_args_in_task: bool
    allow_override_branch_in_task: bool
    allow_any_vars_in_task: bool
    allow_parallel_tasks: bool
    suppress_success_alerts: bool
    suppress_error_alerts: bool
    runner_tag: str | None
    max_duration: int
    rerun_if_lost: bool
    retries: int
    retry_pause: int
    last_task: TaskWithTpl | None = None
    tasks: int = 0
    permissions: int | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def environment_id(self) -> int | None:
        """The first group, for clients that know only one."""
        return self.environment_ids[0] if self.environment_ids else None

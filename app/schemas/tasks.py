"""What starts a task, and how a task is shown."""

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.functional_serializers import SerializerFunctionWrapHandler
from pydantic_core import from_json

from app.lib import step_arguments
from app.lib.json_objects import NOT_FINITE, is_finite
from app.schemas.base import Count, Id, Input, Output, Text, reason

TEXTS = "Must be a JSON list of texts"
# Names of the Task object that a start does not use; clients send a task back as it came.
IGNORED = frozenset(
    {
        "id", "project_id", "status", "created", "start", "end", "user_id", "user_name",
        "integration_id", "schedule_id", "commit_hash", "commit_message", "runner_id",
        "workflow_run_id", "workflow_node_id", "artifacts", "waiting_reason", "reason", "result",
        "tpl_playbook", "tpl_alias", "tpl_type", "tpl_app", "build_task", "used_runner_id",
        "used_runner_name", "retry_of_id", "try_number",
    }
)  # fmt: skip

OURS = (
    "reason", "waiting_reason", "result", "repeats_id", "retry_of_id", "try_number", "max_duration",
)  # fmt: skip
OPTIONAL = ("arguments", "git_branch", "inventory_id", "environment_id", *OURS)

EMPTY_JSON = ("[]", "{}", "null")

# Parameters of a tool that may also stand beside `params`.
FLAGS = ("debug", "dry_run", "diff")
BESIDE_PARAMS = (*FLAGS, "limit", "tags", "skip_tags")


class TaskIn(BaseModel):
    """The parameters of a start. What is not given, or is empty, means the template's value."""

    model_config = ConfigDict(extra="allow")

    template_id: Id | None = None
    """What to run."""
    template_name: Text | None = None
    """What to run, by its name."""
    message: Text | None = Field(None, max_length=10_000)
    """Why; people see it beside the run."""
    playbook: Text | None = None
    """That of the template; no other is taken."""
    environment: Text | None = None
    """Answers of the survey: a JSON object as a text."""
    secret: Text | None = None
    """Secret answers of the survey: a JSON object as a text."""
    arguments: Text | None = None
    """More arguments: a JSON list as a text, or of tools with steps an object of lists."""
    git_branch: Text | None = None
    """Another branch, if the template allows it."""
    inventory_id: Id | None = None
    """Another inventory, if the template allows it."""
    environment_id: Id | None = None
    """Another variable group in the place of the template's, if it allows it."""
    build_task_id: Id | None = None
    """The build that a deploy deploys; without it the newest."""
    version: Text | None = None
    """That of the template; no other is taken."""
    repeats_id: Id | None = None
    """The run of this template that is started again."""
    same_commit: bool | None = None
    """As that run's."""
    max_duration: Count | None = None
    """Seconds it may take; 0: no limit of its own."""
    debug: bool | None = None
    """The same as in `params`."""
    dry_run: bool | None = None
    """The same as in `params`."""
    diff: bool | None = None
    """The same as in `params`."""
    limit: Text | None = None
    """The same as in `params`."""
    tags: Text | None = None
    """The same as in `params`."""
    skip_tags: Text | None = None
    """The same as in `params`."""
    params: dict[str, Any] | None = None
    """Parameters of the tool, those that the template opens."""

    @field_validator("environment", "secret")
    @classmethod
    def be_an_object(cls, value: str | None) -> str | None:
        return value if _json(value, dict, "Must be a JSON object") else None

    @field_validator("arguments")
    @classmethod
    def be_a_list_of_texts(cls, value: str | None) -> str | None:
        if step_arguments.is_by_step(value):
            return value
        found = _json(value, (list, dict), TEXTS)
        if isinstance(found, dict):
            raise reason(step_arguments.WHAT)
        if any(not isinstance(item, str) for item in found or ()):
            raise reason(TEXTS)
        return value if found else None

    @property
    def unknown(self) -> dict[str, Any]:
        """What was sent under a name that no start knows."""
        extra = self.model_extra or {}
        return {name: value for name, value in extra.items() if name not in IGNORED}

    @property
    def tool_params(self) -> dict[str, Any]:
        """`params`, with what old clients send beside them; of both the one in `params` counts."""
        beside = {name: getattr(self, name) for name in BESIDE_PARAMS}
        return {k: v for k, v in beside.items() if v is not None} | (self.params or {})

    @property
    def answers(self) -> dict[str, Any]:
        """The survey's answers by variable name."""
        return json.loads(self.environment or "{}")

    @property
    def secret_answers(self) -> dict[str, str]:
        return json.loads(self.secret or "{}")


def is_empty(value: Any) -> bool:
    """Whether a value means "not given": clients post empty defaults of every kind."""
    if isinstance(value, str):
        return value.strip() in ("", *EMPTY_JSON)
    if isinstance(value, list):
        return all(is_empty(item) for item in value)
    if isinstance(value, dict):
        return all(is_empty(item) for item in value.values())
    return not value


def _json(text: str | None, kind: type | tuple[type, ...], message: str) -> Any:
    """What a text holds; None if that is empty, of whatever kind: it asks for nothing.

    `kind` are those that it may be of.
    """
    if not text or not text.strip():
        return None
    try:
        found = from_json(text)
        json.loads(text, object_pairs_hook=_without_repetitions)
    except _Repeated as error:
        raise reason(f"{error} is given twice") from error
    except ValueError as error:
        raise reason(message) from error
    for name, value in found.items() if isinstance(found, dict) else ():
        if not is_finite(value):
            raise reason(f"{name[:80]}: {NOT_FINITE}")
    if found and not isinstance(found, kind):
        raise reason(message)
    return found or None


class _Repeated(Exception):
    """A name that stands twice in an object: one of its values would be lost."""


def _without_repetitions(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _Repeated(next(name for name in names if names.count(name) > 1)[:80])


class RejectIn(Input):
    comment: Annotated[Text, Field(max_length=500)] = ""
    """Why; kept with the task."""


class ConfirmIn(RejectIn):
    hash: str = ""
    """Of the plan that is approved; another one by now is refused."""
    destroyed: int | None = None
    """How many resources the plan destroys or replaces; another number than that is refused."""


class StopIn(Input):
    force: bool = False
    """Without grace."""


class TaskOut(BaseModel):
    """A task as the API shows it. Names of the document that are unset are left out."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    template_id: int
    project_id: int
    status: str
    reason: str | None
    waiting_reason: str | None = None
    result: str | None = None  # of a run that was only to look: what it found
    debug: bool = False
    dry_run: bool = False
    diff: bool = False
    playbook: str
    environment: str
    secret: str = ""  # never shown
    arguments: str | None
    git_branch: str | None
    message: str
    params: dict[str, Any]
    limit: str = ""
    inventory_id: int | None
    environment_id: int | None = None
    user_id: int | None
    integration_id: int | None = None
    schedule_id: int | None = None
    created: datetime
    start: datetime | None
    end: datetime | None
    commit_hash: str | None
    commit_message: str
    build_task_id: int | None
    version: str | None
    repeats_id: int | None = None
    retry_of_id: int | None = None
    try_number: int | None = None  # of a run that is tried again
    max_duration: int | None = None

    @field_validator("try_number")
    @classmethod
    def count_from_two(cls, value: int | None) -> int | None:
        return value if value and value > 1 else None

    @field_validator("secret", mode="before")
    @classmethod
    def hide(cls, _value: Any) -> str:
        return ""

    @model_validator(mode="after")
    def repeat_beside_params(self) -> "TaskOut":
        """What old clients send beside `params` they read there, too."""
        self.debug, self.dry_run, self.diff = (bool(self.params.get(name)) for name in FLAGS)
        self.limit = ",".join(self.params.get("limit") or ())
        return self

    @model_serializer(mode="wrap")
    def leave_out_the_unset(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The document knows no null for these; those of OURS are not in it."""
        shown = handler(self)
        return {k: v for k, v in shown.items() if v is not None or k not in OPTIONAL}


class TaskWithTpl(TaskOut):
    """A task in a list, with what a reader wants to know of its template."""

    tpl_playbook: str
    tpl_alias: str
    tpl_type: str
    tpl_app: str
    user_name: str | None
    build_task: TaskOut | None = None  # what a deploy deploys

    @classmethod
    def of(cls, task: Any, waiting_reason: str | None = None) -> "TaskWithTpl":
        """`task` is a row with its template and user loaded."""
        template, user = task.template, task.user
        extra = {
            "waiting_reason": waiting_reason,
            "tpl_playbook": template.playbook,
            "tpl_alias": template.name,
            "tpl_type": template.type,
            "tpl_app": template.app,
            "user_name": user.name if user else None,
            "build_task": task.build_task,
        }
        names = TaskOut.model_fields.keys() - extra.keys()
        own = {name: getattr(task, name) for name in names if hasattr(task, name)}
        return cls.model_validate(own | extra)


class DayStatsOut(Output):
    """The runs of a day; `avg_duration` in seconds."""

    date: str
    count_by_status: dict[str, int]
    avg_duration: int

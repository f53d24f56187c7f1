from typing import Any

from pydantic import Field

from app.schemas.base import Output


class KeptOut(Output):
    """`hash` tells equal values apart from others; `value` is left out where it may be secret."""

    hash: str
    value: Any = None


class UsedVariableOut(KeptOut):
    """`place`: var (an extra variable) or env (of the process). `origin`: group, survey, template
    (the default of a question), run or server; `from` names the group, or the schedule or webhook;
    `hides` are groups whose value does not count."""

    name: str
    place: str
    origin: str
    source: str | None = Field(None, alias="from")
    hides: list[str] | None = None
    secret: bool


class UsedCommitOut(Output):
    hash: str | None = None
    branch: str | None = None
    message: str | None = None


class UsedInventoryOut(Output):
    """`hash` and `files` (hashes by path) are of what was used; `partial`: there was too much."""

    id: int
    name: str
    type: str
    hash: str | None = None
    files: dict[str, str] | None = None
    partial: bool | None = None
    commit: str | None = None


class StatsOut(Output):
    """What a playbook has set with set_stats, by host, under "_run" what is of none; `size` of it
    as JSON: more than 64 KB are not kept."""

    values: dict[str, Any]
    size: int


class ManifestOut(Output):
    """What a task was made of. Hashes can be compared where `key` is the same."""

    task_id: int
    key: str | None = None
    commit: UsedCommitOut | None = None
    variables: list[UsedVariableOut] = []
    parameters: dict[str, KeptOut] = {}
    template: dict[str, KeptOut] = {}
    inventory: UsedInventoryOut | None = None
    tools: dict[str, str] = {}
    requirements: dict[str, str] = {}
    command: str | None = None
    stats: StatsOut | None = None


class ChangeOut(Output):
    """`part`: commit, variables, parameters, template, inventory, tools or requirements. `kind`:
    added, removed or changed. Values are left out where they are not kept."""

    part: str
    name: str
    place: str | None = None
    kind: str
    before: str | None = None
    after: str | None = None


class UnsureOut(Output):
    part: str
    name: str


class ComparisonOut(Output):
    """What makes a task another one than the task `since`; without it there is none to compare."""

    task_id: int
    since: int | None = None
    changes: list[ChangeOut] = []
    unknown: list[str] = []
    unsure: list[UnsureOut] = []

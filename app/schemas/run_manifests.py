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

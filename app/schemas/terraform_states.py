"""States of workspaces: their versions, lock and addresses."""

from datetime import datetime

from pydantic import Field, field_validator

from app.lib.plan_values import WORDS, Shown
from app.schemas.base import Input, Line, Output, Reference


class StateOut(Output):
    """A version of a state. `is_gone`: from then on there was none."""

    id: int
    project_id: int
    inventory_id: int
    created: datetime
    serial: int
    lineage: str
    size: int
    resources: int | None
    is_gone: bool
    task_id: int | None
    user_id: int | None
    restored_id: int | None


class WholeStateOut(StateOut):
    state: str


class AttributeOut(Output):
    """`before` and `after` are texts; null: it is not there; sensitive ones say so."""

    path: str
    before: str | None
    after: str | None

    @field_validator("before", "after", mode="before")
    @classmethod
    def be_in_words(cls, shown: Shown) -> str | None:
        return WORDS[shown] if isinstance(shown, int) else shown


class StateChangeOut(Output):
    """What differs in one resource or output (`kind`)."""

    address: str
    kind: str
    action: str
    attributes: list[AttributeOut]


class LockOut(Output):
    """Who works with a state; `id` is the tool's."""

    id: str = Field(validation_alias="lock_id")
    created: datetime
    operation: str
    who: str
    task_id: int | None


class UnlockIn(Input):
    reason: Line = ""
    """Why the lock is taken away from whoever holds it."""


class StateAliasIn(Input):
    auth_key_id: Reference = None
    """The key of type login_password whose login and password open the address."""


class StateAliasOut(Output):
    """`id` is the last part of the address."""

    id: str
    url: str
    project_id: int
    inventory_id: int
    auth_key_id: int

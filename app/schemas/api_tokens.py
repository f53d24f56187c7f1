from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from app.schemas.base import Input, Line, Output, in_calendar, reason


def _moment(value: Any) -> Any:
    """JSON has no times: a text in RFC 3339 is one."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise reason("Must be a time with its zone: 2027-01-31T12:00:00Z") from error


Expiry = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(in_calendar)]


class ApiTokenIn(Input):
    name: Line = ""
    """What it is for."""
    expires_at: Expiry | None = None
    """When it ends; without it, never."""


class ApiTokenOut(Output):
    """A token in a list is named by its first eight letters."""

    id: str = Field(validation_alias="prefix")
    created: datetime
    expired: bool
    user_id: int
    name: str
    expires_at: datetime | None

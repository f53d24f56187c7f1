"""What can go wrong in the domain. Nothing here knows about responses or HTML."""

from typing import Any, ClassVar, Self

from pydantic import ValidationError

KEY = "[key]"  # how pydantic says that it is a name of an object that is wrong, not its value
OBJECTS = ("dict_type", "model_type", "model_attributes_type")  # what it says of what is no object


class DomainError(Exception):
    """A refusal that its receiver can understand; the text is shown to the user."""

    status: ClassVar[int] = 400  # of the API
    page_status: ClassVar[int] = 400

    @property
    def extra(self) -> dict[str, Any]:
        """What the JSON answer carries beside "error"."""
        return {}


class Unauthenticated(DomainError):
    status = page_status = 401


class Forbidden(DomainError):
    status = page_status = 403


class NotFound(DomainError):
    status = page_status = 404


class Stale(DomainError):
    """The object was changed by somebody else since the form was opened."""

    status = page_status = 409


class Busy(DomainError):
    """It is in a state that does not allow this now; nothing was changed."""

    status = page_status = 409


class AlreadyThere(DomainError):
    """What should be added is there already; nothing was changed."""

    status = page_status = 409


class Unavailable(DomainError):
    """A part that this needs (database, Redis, disk) does not answer or has no room."""

    status = page_status = 503


class TooMany(DomainError):
    """Too many attempts; `retry_after` says in how many seconds the next one is looked at."""

    status = page_status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many attempts. Try again in {retry_after} s")
        self.retry_after = retry_after


class InUse(DomainError):
    """Others still refer to the object; `refs` maps their kind to [{"id": …, "name": …}]."""

    page_status = 409

    def __init__(self, message: str, refs: dict[str, list[dict[str, Any]]] | None = None) -> None:
        super().__init__(message)
        self.refs = refs or {}

    @property
    def extra(self) -> dict[str, Any]:
        return {"inUse": True}


class Invalid(DomainError):
    """Input was refused; `fields` maps each field's name to the reason ("form" for the whole)."""

    page_status = 422

    def __init__(self, fields: dict[str, str], message: str | None = None) -> None:
        super().__init__(message or "; ".join(f"{name}: {why}" for name, why in fields.items()))
        self.fields = fields

    @classmethod
    def from_pydantic(cls, error: ValidationError) -> Self:
        """Keep a schema's own wording (a ValueError raised in it) as the whole message."""
        fields = {}
        for e in error.errors():
            name = ".".join(str(part) for part in e["loc"] if part != KEY) or "form"
            fields[name] = reason(e)
        said = [e for e in error.errors() if e["type"] == "value_error"]
        return cls(fields, reason(said[0]) if said else None)


class Conflict(Invalid):
    """Somebody else was first: what was fine when it was checked no longer is."""

    page_status = 409


def reason(error: Any) -> str:
    """What one of pydantic's errors says, without what pydantic puts before our own words, and
    without its classes and its inner steps."""
    if error["type"] in OBJECTS:
        return "Input should be an object"
    if error["type"] == "too_long" and isinstance(error.get("input"), str):
        return f"String should have at most {error['ctx']['max_length']} characters"
    return str(error["msg"]).removeprefix("Value error, ")

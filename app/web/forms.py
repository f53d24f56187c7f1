"""An HTML form that a schema checks: its values, its errors, its submission."""

from collections.abc import Callable, Collection
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from sqlalchemy.exc import IntegrityError

from app.db import db
from app.errors import Invalid, Stale, reason
from app.integrity import refusal
from app.lib.whole_numbers import whole
from app.schemas.base import Missing
from app.services.references import refuse_stale

# What pydantic calls an error, in the words of a page.
WORDS = {
    "missing": "Cannot be empty",
    "string_too_short": "At least {min_length} characters",
    "too_short": "At least {min_length} characters",
    "string_too_long": "At most {max_length} characters",
    "too_long": "At most {max_length} characters",
    "string_type": "Cannot be empty",
    "int_parsing": "Must be a whole number",
    "int_type": "Must be a whole number",
    "int_from_float": "Must be a whole number",
    "int_parsing_size": "This number is too large",
    "greater_than": "Must be more than {gt}",
    "greater_than_equal": "Must be at least {ge}",
    "less_than": "Must be less than {lt}",
    "less_than_equal": "Must be at most {le}",
    "date_parsing": "Must be a day: 2026-12-31",
    "date_from_datetime_parsing": "Must be a day: 2026-12-31",
    "enum": "Choose one of the list",
    "literal_error": "Choose one of the list",
}


class Form:
    """The fields of `schema`, filled from `obj` or from what the browser sent.

    Templates read `form.values[name]`, `form.errors` ({name: text}, "form" for the whole),
    `form.version` (for the hidden field "version" of an edit) and `form.theirs` (after a stale
    edit what somebody else stored, by field). Views answer with `form.status`. A form that shows
    only some fields names them in `only`; the others stay as they are in `obj`. What the schema
    keeps out of its representation (a password) is never filled in. What a page itself finds wrong
    before `submit` it writes into `form.flaws` ({name: text}): it is told with the rest.
    """

    def __init__(
        self,
        schema: type[BaseModel],
        obj: Any = None,
        *,
        only: Collection[str] | None = None,
        **initial: Any,
    ) -> None:
        self.schema, self.obj, self.only = schema, obj, only
        self.errors: dict[str, str] = {}
        self.flaws: dict[str, str] = {}
        self.theirs: dict[str, Any] = {}
        self.status = 200
        self.result: Any = None
        self.version = getattr(obj, "lock_version", None)
        self.fields = {info.alias or name: info for name, info in schema.model_fields.items()}
        sent = request.method == "POST"
        self.values = self._stored() | (self._sent() if sent else initial)

    def submit(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Check the values and call `use_case(*args, data, **kwargs)`; its answer is `result`.

        False if schema or domain refused: nothing is stored then, and `errors` say why.
        """
        try:
            data = self.schema.model_validate(self._input())
            self.check_version()
            if self.flaws:
                raise Invalid(self.flaws)
            self.result = use_case(*args, data, **kwargs)
        except ValidationError as error:
            said = (pair for each in error.errors() for pair in self._said(each))
            self._refuse(dict(said) | self.flaws, 422)
        except Stale as error:
            self._refuse({"form": str(error)}, error.page_status)
            self._compare()
        except Invalid as error:
            self._refuse(error.fields, error.page_status)
        except IntegrityError as error:
            refused = refusal(error)
            self._refuse(refused.fields, refused.page_status)
        return not self.errors

    def _refuse(self, errors: dict[str, str], status: int) -> None:
        """What the use case did before it refused must not be committed with the answer."""
        db.session.rollback()
        places = {name: place for place, name in enumerate(self.fields)}
        in_order = sorted(errors, key=lambda name: places.get(name, -1))
        self.errors, self.status = {name: errors[name] for name in in_order}, status

    def _stored(self) -> dict[str, Any]:
        return {name: self._stored_value(name, info) for name, info in self.fields.items()}

    def _stored_value(self, name: str, info: FieldInfo) -> Any:
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        return getattr(self.obj, name, default) if info.repr else default

    def _sent(self) -> dict[str, Any]:
        sent = {n: _read(n, _kind(f)) for n, f in self.fields.items() if self._is_shown(n)}
        return {name: value for name, value in sent.items() if value is not None}

    def _is_shown(self, name: str) -> bool:
        return self.only is None or name in self.only

    def _input(self) -> dict[str, Any]:
        """The values as the schema wants them: an empty field is None, or left to its default."""
        given = {}
        for name, info in self.fields.items():
            value = self.values[name]
            if value == "" and _is_nullable(info):
                value = None
            if value not in ("", None) or _kind(info) is str or _is_nullable(info):
                given[name] = value
        return given

    def check_version(self) -> None:
        """Raise Stale unless the object is as it was when the form of an edit was filled from it,
        and Invalid for a version that is none.

        `submit` looks. A use case that opens its own transaction looks there again.
        """
        given = request.form.get("version")
        if given is None or self.version is None:
            return
        seen = whole(given)
        if seen is None:
            raise Invalid({"version": "Must be the number that the form came with"})
        refuse_stale(self.obj, seen)

    def _compare(self) -> None:
        """Keep what was typed, show what is stored; saving again replaces it knowingly."""
        self.version = self.obj.lock_version
        stored = self._stored()
        self.theirs = {
            name: value
            for name, value in stored.items()
            if self.fields[name].repr and _shown(value) != _shown(self.values[name])
        }

    def _said(self, error: Any) -> list[tuple[str, str]]:
        """Fields and reasons of one of pydantic's errors."""
        path = [str(part) for part in error["loc"]]
        context = error.get("ctx", {})
        if isinstance(context.get("error"), Missing) and context["error"].fields:
            return [(field, WORDS["missing"]) for field in context["error"].fields]
        if context.get("min_length") == 1:
            text = WORDS["missing"]
        elif error["type"] in WORDS:
            text = WORDS[error["type"]].format(**context)
        else:
            text = reason(error)
        field, *rest = path or ["form"]
        if len(rest) > 1:  # a field of an entry of a list: "vaults.0.name"
            field, rest = ".".join(path), []
        text = text.removeprefix(f"{field}: ")
        return [(field, ": ".join([*rest, text[:1].upper() + text[1:]]))]


def _kind(info: FieldInfo) -> Any:
    """The plain type of a field: `list` of `list[int] | None`, `int` of `int | None`."""
    wanted = info.annotation
    if get_origin(wanted) in (Union, UnionType):
        wanted = next(part for part in get_args(wanted) if part is not NoneType)
    return get_origin(wanted) or wanted


def _is_nullable(info: FieldInfo) -> bool:
    return NoneType in get_args(info.annotation)


def _read(name: str, kind: Any) -> Any:
    """What the browser sent, or None. A checkbox that is not ticked is not sent at all."""
    if kind is bool:
        return request.form.get(name, "") not in ("", "0", "false")
    if kind is list:
        return [value for value in request.form.getlist(name) if value]
    value = request.form.get(name)
    return value if value is None else value.replace("\r\n", "\n")


def _shown(value: Any) -> Any:
    """Values are compared as the form shows them."""
    if isinstance(value, list):
        return [str(part) for part in value]
    return value if isinstance(value, bool) else "" if value is None else str(value)

"""Variables as rows of a form: from JSON and back, and from what somebody pastes."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import request
from pydantic_core import from_json

from app.lib.whole_numbers import whole

LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)")
FIELDS = ("name", "value", "kind", "form")
NEW, UNKNOWN = 0, -1  # ids of secrets that no group has


class BadPaste(ValueError):
    """What was pasted is neither JSON nor lines of NAME=value."""


class Row(NamedTuple):
    """One variable as it is typed. `kind` is var or env; `form` is text, or json for the rest."""

    name: str = ""
    value: str = ""
    kind: str = "var"
    form: str = "text"


class SecretRow(NamedTuple):
    """One secret as it is typed; an empty value of a known one means that it stays."""

    id: int = NEW
    name: str = ""
    value: str = ""
    kind: str = "env"
    goes: bool = False


def of_json(text: str | None, kind: str) -> list[Row]:
    """The rows of a JSON object, which must be valid."""
    return [_row(name, value, kind) for name, value in from_json(text or "{}").items()]


def sent() -> list[Row]:
    """The rows that the browser sent; those that nothing was written into are left out."""
    columns = [request.form.getlist(f"v-{field}") for field in FIELDS]
    rows = [Row(*values) for values in zip(*columns, strict=False)]
    return [row for row in rows if row.name.strip() or row.value.strip()]


def sent_secrets() -> list[SecretRow]:
    """The secrets that the browser sent, new ones without a number."""
    going = set(request.form.getlist("s-delete"))
    names = ("s-id", "s-name", "s-value", "s-kind")
    rows = [
        SecretRow(_id(given), name, value, kind, given in going)
        for given, name, value, kind in zip(
            *(request.form.getlist(column) for column in names), strict=False
        )
    ]
    return [row for row in rows if row.id or row.name.strip() or row.value]


def _id(given: str) -> int:
    """What is no number names no secret of the group, which then is said, and makes no new one."""
    number = whole(given or str(NEW))
    return UNKNOWN if number is None else number


def as_json(rows: list[Row]) -> tuple[dict[str, str], dict[str, str]]:
    """The rows as two JSON texts, "json" and "env"; and what is wrong, by the rows' fields."""
    objects: dict[str, dict[str, Any]] = {"var": {}, "env": {}}
    errors = {}
    for number, row in enumerate(rows):
        values = objects["env" if row.kind == "env" else "var"]
        if row.name in values:
            errors[f"v-name-{number}"] = f"{row.name} is there twice"
        try:
            values[row.name] = _value(row)
        except ValueError:
            errors[f"v-value-{number}"] = f"The value of {row.name} is no JSON"
    texts = {name: json.dumps(objects[kind], indent=2, ensure_ascii=False)
             for name, kind in (("json", "var"), ("env", "env"))}  # fmt: skip
    return texts, errors


def pasted(text: str, kind: str) -> list[Row]:
    """The variables of a JSON object, or of lines as .env files have them. Raises BadPaste."""
    if text.lstrip().startswith("{"):
        try:
            return of_json(text, kind)
        except ValueError as error:
            raise BadPaste(f"This is no JSON object: {error}") from error
    return list(_lines(text, kind))


def _lines(text: str, kind: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line.strip())
        if found is None:
            raise BadPaste(f"Line {number} is not NAME=value")
        yield Row(found[1], _unquoted(found[2].strip()), kind)


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def _value(row: Row) -> Any:
    return from_json(row.value, allow_inf_nan=False) if row.form == "json" else row.value


def _row(name: str, value: Any, kind: str) -> Row:
    if isinstance(value, str):
        return Row(name, value, kind)
    return Row(name, json.dumps(value, ensure_ascii=False), kind, "json")

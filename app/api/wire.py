"""JSON in and out of the API."""

from functools import cache
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from app.errors import DomainError, Invalid
from app.lib import json_objects
from app.models import Project
from app.schemas.base import Input

S = TypeVar("S", bound=BaseModel)


class Identity(Input):
    """The ids that a body repeats from its URL; 0: it does not."""

    id: int = 0
    """That of the URL; what is made has none yet."""
    project_id: int = 0
    """That of the URL."""


def body(schema: type[S], *, optional: bool = False) -> S:
    """Check the body by a schema, types included. Unknown fields are ignored.

    With `optional` no body means an empty object. Raises DomainError for what is no JSON object
    and Invalid for the rest.
    """
    data = request.get_data()
    if optional and not data.strip():
        return schema()
    try:
        json_objects.read(data, "body")
    except ValueError as error:
        raise DomainError(str(error)) from error
    try:
        return schema.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise Invalid.from_pydantic(error) from error


def same_id(given: int, wanted: int, kind: str) -> None:
    """Raise DomainError, in the words that clients know, unless a body repeats its URL's id."""
    if given != wanted:
        raise DomainError(f"{kind} ID in body and URL must be the same")


def one_project(project: Project) -> None:
    """Raise DomainError if a body names another project than its URL; it may name none."""
    same_id(body(Identity).project_id or project.id, project.id, "Project")


def refuse_move(project: Project, object_id: int, kind: str) -> None:
    """Raise DomainError unless a body repeats both ids of its URL.

    These are the words that clients know of templates and schedules.
    """
    named = body(Identity)
    if named.id != object_id:
        raise DomainError(f"{kind} id in URL and in body must be the same")
    if named.project_id != project.id:
        raise DomainError(f"You can not move {kind} to other project")


def body_of(schema: type[S], project: Project, kind: str, object_id: int | None = None) -> S:
    """Check a body that must name the project, and on PUT the object (`kind`), of its URL."""
    named = body(Identity)
    if object_id is not None:
        same_id(named.id, object_id, kind)
    same_id(named.project_id, project.id, "Project")
    return body(schema)


def dump(schema: Any, found: Any, status: int = 200) -> Response:
    """Show a row by a schema, or any value by its type: `dict[str, int]`."""
    return _show(_adapter(schema, False), found, status)


def dump_all(schema: type[BaseModel], found: list[Any]) -> Response:
    """Show a list of rows by a schema."""
    return _show(_adapter(schema, True), found)


def _show(adapter: TypeAdapter[Any], found: Any, status: int = 200) -> Response:
    value = adapter.validate_python(found)
    return _json(adapter.dump_json(value, by_alias=True) + b"\n", status)


@cache
def _adapter(schema: Any, many: bool) -> TypeAdapter[Any]:
    return TypeAdapter(list[schema] if many else schema)


def plain(value: Any) -> Response:
    """Show what no schema describes: a few names and values."""
    return _json(to_json(value) + b"\n")


def done(status: int = 204) -> Response:
    """An answer that has nothing to show. Clients insist on the content type all the same."""
    return _json(b"", status)


def _json(text: bytes, status: int = 200) -> Response:
    return Response(text, status, mimetype="application/json")


def order() -> dict[str, Any]:
    """How a list is to be sorted, as arguments of a service's `list_for`."""
    return {
        "sort": request.args.get("sort", ""),
        "descending": request.args.get("order") == "desc",
    }

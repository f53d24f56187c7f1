"""Our document in OpenAPI 3.1, made of the routes, their guards' marks, their code and schemas."""

import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.routing import Rule

from app import guard
from app.api import examples
from app.api.json_schemas import definitions, reference
from app.api.reading import Answer, Schema, Spoken, read
from app.guard import ADMIN, CREATE_PROJECT, PUBLIC, SIGNED_IN, Permission
from app.schemas.base import MAX_ID
from app.version import API

Json = dict[str, Any]
JSON = "application/json"

# What Terraform calls by methods that the document has no words for: LOCK, UNLOCK.
NOT_OURS = ("/api/terraform/<address>",)

REFUSALS = {
    400: "No JSON, a wrong type, an invalid value or reference, or what is to go is in use.",
    401: "Nobody is signed in, or the password or token is wrong.",
    403: "The role, or the administrator's flag, is missing; or another site sent it.",
    404: "There is no such object, or not in this project, or one is no member of it.",
    409: "It is there already, or active tasks need it.",
    413: "The body is larger than 16 MB.",
    429: "Too many wrong passwords; `Retry-After` says when to try again.",
    503: "A part of the server does not answer; nothing was changed.",
}
GOOD = {200: "Answered.", 201: "Made.", 204: "Done; there is nothing to show."}
# Of the views that are the same for each entity.
USUAL = {
    "index": "List them",
    "show": "Show one",
    "create": "Make one",
    "update": "Replace one",
    "delete": "Delete one",
}
ABOUT = """Paths, names and statuses are those of Semaphore UI. A missing field and `null` are the
empty value, unknown fields are ignored, and every PUT is a replacement."""
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "description": "What is wrong."},
        "inUse": {"type": "boolean", "description": "Others use what is to be deleted."},
        "id": {"type": "string", "description": "The request in the server's log."},
    },
}
SECURITY = {
    "token": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "semaphore"},
}


class Operation(NamedTuple):
    method: str
    rule: Rule
    view: Callable[..., Any]
    spoken: Spoken

    @property
    def access(self) -> Permission | str:
        return self.view.access  # type: ignore[attr-defined]

    @property
    def who(self) -> str:
        """Who may call it, in words."""
        by_role = getattr(self.view, "at", None)
        return who_may(self.access) + (", or a custom role at the template" if by_role else "")

    @property
    def has_body(self) -> bool:
        return self.spoken.has_body and self.changes

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def tag(self) -> str:
        return self.rule.endpoint.partition(".")[0].removeprefix("api_").replace("_", " ")


def operations(app: Flask) -> Iterator[Operation]:
    """Every route of the API that is no socket, and not of somebody else's protocol."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and not (rule.websocket or rule.rule in NOT_OURS):
            view = app.view_functions[rule.endpoint]
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Operation(method, rule, view, _read(view))


@cache
def _read(view: Callable[..., Any]) -> Spoken:
    return read(view)


def document(app: Flask, server: str) -> Json:
    """The document, not to be changed; `server` is the address below which the paths lie."""
    return _document(app) | {"servers": [{"url": server}]}


@lru_cache(maxsize=1)
def _document(app: Flask) -> Json:
    """All but what a request decides; the routes are complete once there are requests."""
    found = list(operations(app))
    paths: dict[str, Json] = {}
    for operation in found:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", operation.rule.rule)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heliograph", "version": API, "description": ABOUT},
        "security": [{name: []} for name in SECURITY],
        "tags": [{"name": tag} for tag in dict.fromkeys(o.tag for o in found)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Error": ERROR, **_definitions(found)},
            "securitySchemes": SECURITY,
        },
    }


def _definitions(found: list[Operation]) -> Json:
    taken = {schema for o in found for schema in o.spoken.takes}
    given = {s for o in found for answer in o.spoken.answers.values() for s in answer.schemas}
    return definitions(taken, given)


def _operation(operation: Operation) -> Json:
    shown: Json = {
        "operationId": operation.rule.endpoint.removeprefix("api_"),
        "tags": [operation.tag],
        "summary": _summary(operation),
        "description": _description(operation),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": {str(k): v for k, v in sorted(_responses(operation).items())},
    }
    if operation.access == PUBLIC:
        shown["security"] = []
    if operation.has_body:
        content = {"schema": _all_of(operation.spoken.takes), "example": _example(operation)}
        shown["requestBody"] = {
            "required": not operation.spoken.optional,
            "content": {JSON: content},
        }
    return shown


def _example(operation: Operation) -> Json:
    has_id = operation.method == "PUT" and operation.rule.rule.endswith("_id>")
    return examples.of(operation.rule.endpoint, operation.spoken.takes, has_id=has_id)


def _summary(operation: Operation) -> str:
    if doc := inspect.getdoc(operation.view):
        return doc.splitlines()[0].rstrip(".")
    name = operation.view.__name__
    return USUAL.get(name) or name.replace("_", " ").capitalize()


def _description(operation: Operation) -> str:
    rest = (inspect.getdoc(operation.view) or "").partition("\n")[2].strip()
    return f"{rest}\n\nWho may: {operation.who}.".strip()


def who_may(access: Permission | str) -> str:
    """The mark of a guard in words."""
    if isinstance(access, Permission):
        return f"the role {guard.least(access)} in the project"
    return {
        PUBLIC: "everybody",
        SIGNED_IN: "whoever is signed in",
        ADMIN: "administrators",
        CREATE_PROJECT: "administrators, or everybody if the server's settings say so",
    }[access]


def _path_parameters(operation: Operation) -> Iterator[Json]:
    for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", operation.rule.rule):
        number = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
        schema = number if kind == "id" else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(operation: Operation) -> Iterator[Json]:
    for name, kind in operation.spoken.query.items():
        schema: Json = {"type": kind} | ({"minimum": 0} if kind == "integer" else {})
        if name == "order":
            schema["enum"] = ["asc", "desc"]
        yield {"name": name, "in": "query", "schema": schema}


def _responses(operation: Operation) -> dict[int, Json]:
    refused = {status: _refusal(status) for status in _refused(operation)}
    return refused | {k: _response(k, v) for k, v in operation.spoken.answers.items()}


def _response(status: int, answer: Answer) -> Json:
    text = GOOD.get(status) or REFUSALS[status]
    if answer.mimetype is None:
        return {"description": text}
    return {"description": text, "content": {answer.mimetype: {"schema": _shape(answer)}}}


def _shape(answer: Answer) -> Json:
    if answer.mimetype != JSON:
        return {"type": "string"}
    shape = _any_of(answer.schemas)
    return {"type": "array", "items": shape} if answer.many else shape


def _refusal(status: int) -> Json:
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": REFUSALS[status], "content": content}


def _refused(operation: Operation) -> Iterator[int]:
    """Which refusals can happen, by what the operation is."""
    public, has_body = operation.access == PUBLIC, operation.has_body
    in_path = bool(operation.rule.arguments)
    happens = {
        400: has_body or in_path or bool(operation.spoken.query),
        401: not public or has_body,
        403: operation.changes or in_path or operation.access not in (PUBLIC, SIGNED_IN),
        404: in_path or has_body,
        409: operation.changes and not public,
        413: has_body,
        429: has_body and public,
        503: True,
    }
    return (status for status, can in happens.items() if can)


def _all_of(schemas: list[Schema]) -> Json:
    found = [reference(schema) for schema in schemas]
    return found[0] if len(found) == 1 else {"allOf": found} if found else {"type": "object"}


def _any_of(schemas: list[Schema]) -> Json:
    found = [reference(schema) for schema in schemas]
    return found[0] if len(found) == 1 else {"anyOf": found} if found else {}

"""The document that clients of the original are written against: its operations and its answers.

semaphore-2026.yml is the API document of Semaphore UI 2.16 as its project publishes it
(https://github.com/semaphoreui/semaphore, api-docs.yml, MIT licence), unchanged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("semaphore-2026.yml")
METHODS = ("get", "put", "post", "delete")
UNSET = -100_000_000  # what Dredd sends for a number without an example

Json = Any


@dataclass(frozen=True)
class Transaction:
    """A request that the document describes, and one of its answers."""

    method: str
    path: str  # below /api, with {parameters}
    status: int
    parameters: tuple[dict[str, Json], ...]
    schema: dict[str, Json] | None  # of the answer's body

    @property
    def operation(self) -> str:
        return f"{self.method} {self.path}"

    def __str__(self) -> str:
        return f"{self.operation} {self.status}"

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query that have an example."""
        found = (p for p in self.parameters if p["in"] == "query" and "x-example" in p)
        return {p["name"]: str(p["x-example"]) for p in found}

    @property
    def body(self) -> Json:
        """An example of the body as Dredd makes it from the schema; None if there is none."""
        found = next((p for p in self.parameters if p["in"] == "body"), None)
        return sample(found["schema"]) if found else None


@cache
def document() -> dict[str, Json]:
    return yaml.load(FILE.read_text(), yaml.CSafeLoader)  # C: a second less for each process


def transactions() -> list[Transaction]:
    """Every answer of the document."""
    return [
        Transaction(
            method.upper(),
            path,
            int(status),
            tuple(map(_resolved, [*shared, *operation.get("parameters", [])])),
            answer.get("schema"),
        )
        for path, method, operation, shared in _operations()
        for status, answer in operation["responses"].items()
    ]


def _operations() -> Iterator[tuple[str, str, dict[str, Json], list[Json]]]:
    for path, methods in document()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method], methods.get("parameters", [])


def _resolved(schema: dict[str, Json]) -> dict[str, Json]:
    if "$ref" not in schema:
        return schema
    found: Json = document()
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def sample(schema: dict[str, Json]) -> Json:
    """A value for a schema: its example, else the least that has its type."""
    schema = _resolved(schema)
    for word in ("example", "x-example"):
        if word in schema:
            return schema[word]
    if "allOf" in schema:
        return {name: value for part in schema["allOf"] for name, value in sample(part).items()}
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: sample(each) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema["items"])]
    return _plain(schema, kind)


def _plain(schema: dict[str, Json], kind: str) -> Json:
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "integer":
        return schema.get("minimum", UNSET)
    return False if kind == "boolean" else ""


@cache
def _definitions() -> dict[str, Json]:
    return {name: _nullable(schema) for name, schema in document()["definitions"].items()}


def json_schema(schema: dict[str, Json]) -> dict[str, Json]:
    """The schema as JSON Schema, which says null in its own way."""
    return _nullable(schema) | {"definitions": _definitions()}


def _nullable(value: Json) -> Json:
    if isinstance(value, list):
        return [_nullable(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _nullable(item) for name, item in value.items()}
    if value.get("x-nullable") and isinstance(value.get("type"), str):
        made["type"] = [value["type"], "null"]
    return made

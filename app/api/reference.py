"""The document of the API as its pages show it: operations in groups, fields and examples."""

import json
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]
MOMENT = "2026-11-23T09:47:31Z"
DEPTH = 6  # of an example; what lies deeper is left out


class Entry(NamedTuple):
    """One operation in the list."""

    name: str
    method: str
    path: str
    summary: str
    tag: str
    who: str


class FieldRow(NamedTuple):
    name: str
    kind: str
    required: bool
    note: str


def groups(document: Json, text: str) -> list[tuple[str, list[Entry]]]:
    """The operations that contain all words of a text, by tag."""
    words = text.lower().split()
    found: dict[str, list[Entry]] = {}
    for entry in _entries(document):
        if all(word in " ".join(entry).lower() for word in words):
            found.setdefault(entry.tag, []).append(entry)
    return sorted(found.items())


def _entries(document: Json) -> Iterator[Entry]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield Entry(
                operation["operationId"],
                method.upper(),
                path,
                operation["summary"],
                operation["tags"][0],
                operation["description"].rpartition("Who may: ")[2].rstrip("."),
            )


def find(document: Json, name: str) -> Entry | None:
    return next((entry for entry in _entries(document) if entry.name == name), None)


def fields(document: Json, schema: Json, before: str = "") -> Iterator[FieldRow]:
    """What an object consists of, parts of parts included (`ssh.login`, `secrets[].name`); nothing
    where it is no object with names.
    """
    whole = _whole(document, schema)
    needed = whole.get("required", ())
    for name, shown in whole.get("properties", {}).items():
        meant = _meant(document, shown)
        required = name in needed and not before
        yield FieldRow(before + name, kind(meant), required, shown.get("description", ""))
        is_list = meant.get("type") == "array"
        part = _meant(document, meant["items"]) if is_list else meant
        yield from fields(document, part, f"{before}{name}{'[].' if is_list else '.'}")


def _meant(document: Json, schema: Json) -> Json:
    """A schema without the choice of null, and with what it refers to."""
    choices = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    return _whole(document, choices[0] if len(choices) == 1 else schema)


def kind(schema: Json) -> str:
    """A type in words: "text, 255 characters at most"."""
    if choices := schema.get("anyOf"):
        return " or ".join(kind(choice) for choice in choices if choice != {"type": "null"})
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(value) for value in schema["enum"])
    if schema.get("type") == "array":
        word, comma, rest = kind(schema["items"]).partition(",")
        return f"list of {MANY.get(word, word)}{comma}{rest}"
    if "maxLength" in schema:
        return f"text, {schema['maxLength']:,} characters at most"
    if "$ref" in schema:
        return "object"
    return WORDS.get(schema.get("format") or schema.get("type", ""), "anything")


WORDS = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "date-time": "time",
    "date": "day",
}
MANY = {"text": "texts", "number": "numbers", "object": "objects"}


def curl(server: str, entry: Entry, operation: Json, body: Any) -> str:
    """A command that calls an operation, with 1 for each id."""
    path = entry.path
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            value = "1" if parameter["schema"]["type"] == "integer" else parameter["name"].upper()
            path = path.replace(f"{{{parameter['name']}}}", value)
    parts = ["curl -s", "" if entry.method == "GET" else f"-X {entry.method}", server + path]
    line = " ".join(filter(None, parts))
    if operation.get("security") != []:
        line += ' \\\n     -H "Authorization: Bearer $TOKEN"'
    return line if body is None else f"{line} \\\n     -d {shlex.quote(json.dumps(body))}"


def example(document: Json, schema: Json, depth: int = DEPTH) -> Any:
    """A value as the schema describes it; None where it describes nothing."""
    whole = _whole(document, schema)
    if whole.get("default") not in (None, 0):  # 0 is what stands for no id
        return whole["default"]
    if "enum" in whole:
        return whole["enum"][0]
    if whole.get("type") == "object" and depth:
        names = whole.get("properties", {}).items()
        return {name: example(document, shown, depth - 1) for name, shown in names}
    if whole.get("type") == "array":
        return [example(document, whole["items"], depth - 1)] if depth else []
    return EXAMPLES.get(whole.get("format") or whole.get("type", ""))


EXAMPLES = {"string": "text", "integer": 1, "boolean": False, "date-time": MOMENT}


def _whole(document: Json, schema: Json) -> Json:
    """A schema with what it refers to; of several that may be, the first."""
    if "$ref" in schema:
        return _whole(document, document["components"]["schemas"][_name(schema)])
    if "anyOf" in schema and schema.get("default") is None:
        return _whole(document, schema["anyOf"][0])
    if "allOf" not in schema:
        return schema
    parts = [_whole(document, part) for part in schema["allOf"]]
    return {
        "type": "object",
        "properties": {k: v for part in parts for k, v in part.get("properties", {}).items()},
        "required": [name for part in parts for name in part.get("required", ())],
    }


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]

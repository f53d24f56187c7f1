"""JSON Schema of what comes in and goes out, as it is on the wire."""

import inspect
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from app.api import field_words
from app.schemas.base import Input

Schema = type[BaseModel]
REF = "#/components/schemas/{model}"


class Wire(GenerateJsonSchema):
    """Our serializers leave out what is unset, so what may be None need not be there."""

    def ser_schema(self, schema: Any) -> dict[str, Any] | None:
        wraps = schema["type"] == "function-wrap" and not schema.get("is_field_serializer")
        return None if wraps else super().ser_schema(schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """What has a default that is refused must be given; what is never None is always shown.

        Each field says what it is, where its code does.
        """
        shown = super().model_schema(schema)
        for name, words in field_words.of(schema["cls"]).items():
            shown["properties"][name]["description"] = words
        if self.mode == "serialization":
            properties = shown.get("properties", {})
            return shown | {"required": [n for n, p in properties.items() if not _may_be_none(p)]}
        if issubclass(schema["cls"], Input) and (needed := _needed(schema["cls"])):
            shown["required"] = needed
            for name in needed:
                shown["properties"][name].pop("default", None)
        return shown


def _may_be_none(schema: dict[str, Any]) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())


def _needed(schema: type[Input]) -> list[str]:
    """The fields without which an input is refused: those that it names itself, as it does where
    a use case refuses or one field stands for another, else those whose defaults it refuses."""
    if schema.NEEDED:
        return list(schema.NEEDED)
    try:
        schema()
    except ValidationError as error:
        return [str(e["loc"][0]) for e in error.errors() if e["loc"]]
    return []


def definitions(taken: Iterable[Schema], given: Iterable[Schema]) -> dict[str, Any]:
    """The schemas, and those that they consist of, by name."""
    taken, given = filter(has_name, taken), filter(has_name, given)
    both = [*_in_order(taken, "validation"), *_in_order(given, "serialization")]
    _, shown = models_json_schema(both, ref_template=REF, schema_generator=Wire)
    return shown.get("$defs", {})


def _in_order(
    schemas: Iterable[Schema], mode: JsonSchemaMode
) -> list[tuple[Schema, JsonSchemaMode]]:
    return [(schema, mode) for schema in sorted(schemas, key=name_of)]


def name_of(schema: Schema) -> str:
    return schema.__name__


def has_name(schema: Any) -> bool:
    """Whether a type is described once, by its name; others are where they are used."""
    return inspect.isclass(schema) and issubclass(schema, BaseModel)


def reference(schema: Any) -> dict[str, Any]:
    """What stands where a type is used."""
    if has_name(schema):
        return {"$ref": REF.format(model=name_of(schema))}
    return TypeAdapter(schema).json_schema(schema_generator=Wire, mode="serialization")

"""What of a plan nobody may see: where the tool's marks lie, and which values they cover."""

from collections.abc import Iterator
from typing import Any

from app.lib.loose_json import items, mapping, mappings

SHORTEST = 4  # characters of a value that is hidden wherever it stands: "on" is no secret


def hidden(document: dict[str, Any]) -> Iterator[str]:
    """Every value that the tool calls sensitive somewhere, in a change, the state or a variable.

    Providers copy values to where they have no mark.
    """
    changes = [mapping(entry.get("change")) for entry in mappings(document.get("resource_changes"))]
    changes += map(mapping, mapping(document.get("output_changes")).values())
    for change in changes:
        for side in ("before", "after"):
            yield from _covered(change.get(side), change.get(f"{side}_sensitive"))
    module = mapping(mapping(document.get("configuration")).get("root_module"))
    values = mapping(document.get("variables"))
    for name, variable in mapping(module.get("variables")).items():
        yield from _covered(
            mapping(values.get(name)).get("value"), mapping(variable).get("sensitive")
        )
    state = mapping(mapping(document.get("prior_state")).get("values"))
    yield from _of_state(mapping(state.get("root_module")))


def united(one: Any, other: Any) -> Any:
    """The marks of two values as one."""
    if one is True or other is True:
        return True
    if isinstance(one, dict) or isinstance(other, dict):
        left, right = mapping(one), mapping(other)
        return {name: united(left.get(name), right.get(name)) for name in {**left, **right}}
    pair = items(one), items(other)
    return [united(below(pair[0], n), below(pair[1], n)) for n in range(max(map(len, pair)))]


def below(marks: Any, step: str | int) -> Any:
    """The marks of a part."""
    if isinstance(marks, dict):
        return marks.get(step)
    if isinstance(marks, list) and isinstance(step, int) and step < len(marks):
        return marks[step]
    return None


def scalars(value: Any) -> Iterator[Any]:
    """All that is no list, no object and not null in a value."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from scalars(inner)
    elif value is not None:
        yield value


def as_text(scalar: Any) -> str:
    """By what a hidden value is recognised elsewhere."""
    return scalar if isinstance(scalar, str) else str(scalar)


def _of_state(module: dict[str, Any]) -> Iterator[str]:
    for resource in mappings(module.get("resources")):
        yield from _covered(resource.get("values"), resource.get("sensitive_values"))
    for child in mappings(module.get("child_modules")):
        yield from _of_state(child)


def _covered(value: Any, marks: Any) -> Iterator[str]:
    """The marked values, as far as they are long enough to be recognised."""
    if marks is True:
        yield from (text for text in map(as_text, scalars(value)) if len(text) >= SHORTEST)
    elif isinstance(marks, dict) and isinstance(value, dict):
        for name, inner in value.items():
            yield from _covered(inner, marks.get(name))
    elif isinstance(marks, list) and isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _covered(inner, below(marks, place))

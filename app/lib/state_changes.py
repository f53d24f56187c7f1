"""What differs between two versions of a state, in the form in which plans tell their changes.

Values are hidden where the tool marks them as sensitive, and where their name says so: older tools
put no marks into a state for what providers declare.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from app.lib import plan_changes
from app.lib.loose_json import items, mapping, mappings, text
from app.lib.plan_changes import PlanChanges

_SECRET = re.compile(r"passw|secret|token|private_key|credential|passphrase", re.IGNORECASE)

TYPED = {"value", "type"}

Json = dict[str, Any]


def compare(before: Json, after: Json) -> PlanChanges:
    """From one document to the other: resources and outputs that came, went or changed.

    What was replaced is told by its id.
    """
    olds, news = dict(_instances(before)), dict(_instances(after))
    found = [
        {**(news.get(address) or olds[address])["head"], "address": address, "change": change}
        for address in {**olds, **news}
        if (change := _change(olds.get(address), news.get(address)))
    ]
    outputs = _outputs(mapping(before.get("outputs")), mapping(after.get("outputs")))
    return plan_changes.of({"resource_changes": found, "output_changes": outputs})


def _instances(document: Json) -> Iterator[tuple[str, Json]]:
    for resource in mappings(document.get("resources")):
        module, mode = text(resource.get("module")), text(resource.get("mode"))
        parts = (module, "data" if mode == "data" else "", text(resource.get("type")))
        name = ".".join(filter(None, (*parts, text(resource.get("name")))))
        head = {"mode": mode, "type": resource.get("type"), "module_address": module}
        for one in mappings(resource.get("instances")):
            index, deposed = one.get("index_key"), text(one.get("deposed"))
            address = name if index is None else f"{name}[{json.dumps(index)}]"
            address += f" (deposed {deposed})" if deposed else ""
            values = mapping(_bare(one.get("attributes") or one.get("attributes_flat")))
            yield address, {"head": head, "values": values, "marks": _marks(one, values)}


def _bare(value: Any) -> Any:
    """Without the type that the tool writes beside a value whose type only the value tells."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    return _bare(value["value"]) if set(value) == TYPED else {k: _bare(v) for k, v in value.items()}


def _marks(instance: Json, values: Json) -> Any:
    """Which parts are sensitive. A path counts down to the first step into a list."""
    marks = _by_name(values)
    for path in items(instance.get("sensitive_attributes")):
        place, names = marks, list(_names(path))
        if not names:
            return True  # of a form that is not known: then nothing of it is shown
        for name in names[:-1]:
            if place.get(name) is True:
                break
            below = place.setdefault(name, {})
            place = below if isinstance(below, dict) else place
        else:
            place[names[-1]] = True
    return marks


def _names(path: Any) -> Iterator[str]:
    for step in mappings(path):
        if step.get("type") != "get_attr" or not isinstance(step.get("value"), str):
            return
        yield step["value"]


def _by_name(values: Json) -> Json:
    """Marks of what is called like a secret; lists are looked into for objects."""
    marks: Json = {}
    for name, value in values.items():
        if _SECRET.search(name):
            marks[name] = True
        elif isinstance(value, dict) and (below := _by_name(value)):
            marks[name] = below
        elif isinstance(value, list) and any(_by_name(one) for one in mappings(value)):
            marks[name] = [_by_name(mapping(one)) for one in value]
    return marks


def _change(old: Json | None, new: Json | None) -> Json:
    """Nothing where both are equal."""
    before, after = old and old["values"], new and new["values"]
    if old and new and before == after:
        return {}
    return {
        "actions": _actions(before, after),
        "before": before,
        "after": after,
        "before_sensitive": old and old["marks"],
        "after_sensitive": new and new["marks"],
    }


def _actions(before: Json | None, after: Json | None) -> list[str]:
    if before is None:
        return ["create"]
    if after is None:
        return ["delete"]
    return ["update"] if before.get("id") == after.get("id") else ["delete", "create"]


def _outputs(before: Json, after: Json) -> Json:
    found = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        is_secret = bool(_SECRET.search(name))
        found[name] = {
            "actions": ["create"] if old is None else ["delete"] if new is None else ["update"],
            "before": mapping(old).get("value"),
            "after": mapping(new).get("value"),
            "before_sensitive": is_secret or bool(mapping(old).get("sensitive")),
            "after_sensitive": is_secret or bool(mapping(new).get("sensitive")),
        }
    return found

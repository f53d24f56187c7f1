"""What a saved plan would do, from `terraform show -json`: resource by resource, and in numbers.

The document is written by a program that a repository has had in its hands: nothing of its form is
taken for granted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.lib import plan_marks, plan_values
from app.lib.loose_json import items, mapping, mappings, text
from app.lib.plan_counts import OUTPUT
from app.lib.plan_values import Attribute

# The order in which changes are shown: what takes something away comes first. "other" is what a
# later tool may do.
ACTIONS = (
    "replace", "delete", "forget", "other", "update", "create", "import", "move", "read",
)  # fmt: skip

MOST_CHANGES = 20_000  # that are listed; all are counted
MOST_ATTRIBUTES = 500  # of a resource
MOST_DETAIL = 50_000  # characters of all attributes of a resource
MOST_IN_ALL = 32 << 20  # … and of all resources: what comes later has none

_NAMES: dict[tuple[str, ...], str] = {
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("create", "forget"): "replace",
    ("forget",): "forget",
    ("read",): "read",
    ("no-op",): "",
}


class Unreadable(ValueError):
    """It is no plan, or not one that can be understood."""


@dataclass(frozen=True)
class Change:
    """What happens to one resource, or to one output (`kind` OUTPUT).

    `reason` is the tool's own word for why (replace_because_tainted). `same`: how many of its
    attributes stay. `is_cut`: there are more attributes than those.
    """

    address: str
    kind: str  # managed, data or output
    action: str  # one of ACTIONS
    type: str = ""
    module: str = ""
    reason: str = ""
    moved_from: str = ""
    imported: str = ""  # the id of what is brought under control
    attributes: tuple[Attribute, ...] = ()
    same: int = 0
    is_cut: bool = False


@dataclass(frozen=True)
class PlanChanges:
    """All changes in the order of ACTIONS, outputs last, and how many resources each action has.

    A resource that is changed and moved, or imported, counts for both.
    """

    changes: tuple[Change, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def only_creates(self) -> bool:
        """Whether it adds resources and touches none that is there; outputs do not matter."""
        return bool(self.counts.get("create")) and not any(
            self.counts.get(action) for action in ACTIONS if action not in ("create", "read")
        )


def parse(written: bytes) -> PlanChanges:
    """Read the document. Raises Unreadable."""
    try:
        document = json.loads(written)
        if not isinstance(document, dict) or "planned_values" not in document:
            raise Unreadable("It is no document of a plan")
        return of(document)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def of(document: dict[str, Any]) -> PlanChanges:
    """What a document says under `resource_changes` and `output_changes`."""
    found = sorted(_changes(document), key=_rank)
    counts = Counter(name for change in found for name in _counted(change))
    if invoked := len(items(document.get("action_invocations"))):
        counts["other"] += invoked
    return PlanChanges(tuple(_bounded(found)), dict(counts))


def _changes(document: dict[str, Any]) -> Iterator[Change]:
    hidden = frozenset(plan_marks.hidden(document))
    for entry in mappings(document.get("resource_changes")):
        if change := _resource(entry, hidden):
            yield change
    for name, entry in mapping(document.get("output_changes")).items():
        if action := _action(mapping(entry)):
            yield Change(name, OUTPUT, action, **_compared(mapping(entry), hidden))


def _resource(entry: dict[str, Any], hidden: frozenset[str]) -> Change | None:
    """A resource that something happens to; None if nothing does."""
    change = mapping(entry.get("change"))
    importing = mapping(change.get("importing"))
    address, moved_from = text(entry.get("address")), text(entry.get("previous_address"))
    moved_from = "" if moved_from == address else moved_from
    action = _action(change) or ("import" if importing else "move" if moved_from else "")
    if not action:
        return None
    deposed = text(entry.get("deposed"))
    return Change(
        f"{address} (deposed {deposed})" if deposed else address,
        text(entry.get("mode")) or "managed",
        action,
        type=text(entry.get("type")),
        module=text(entry.get("module_address")),
        reason=text(entry.get("action_reason")),
        moved_from=moved_from,
        imported=(text(importing.get("id")) or "?") if importing else "",
        **_compared(change, hidden),
    )


def _compared(change: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """What differs. A value that is sensitive on one side is hidden on the other side too."""
    sensitive = plan_marks.united(change.get("before_sensitive"), change.get("after_sensitive"))
    unknown = change.get("after_unknown")
    before = plan_values.marked(change.get("before"), sensitive, None, hidden)
    after = plan_values.marked(change.get("after"), sensitive, unknown, hidden)
    attributes: list[Attribute] = []
    room, is_cut = MOST_DETAIL, False
    for attribute in plan_values.compare(before, after, items(change.get("replace_paths"))):
        room -= _size(attribute)
        is_cut = room < 0 or len(attributes) == MOST_ATTRIBUTES
        if is_cut:
            break
        attributes.append(attribute)
    same = plan_values.unchanged(before, after)
    return {"attributes": tuple(attributes), "same": same, "is_cut": is_cut}


def _bounded(changes: list[Change]) -> Iterator[Change]:
    room = MOST_IN_ALL
    for change in changes[:MOST_CHANGES]:
        room -= sum(map(_size, change.attributes))
        yield change if room > 0 else _without_attributes(change)


def _without_attributes(change: Change) -> Change:
    return Change(**vars(change) | {"attributes": (), "is_cut": True})


def _size(attribute: Attribute) -> int:
    return sum(len(part) for part in attribute[:3] if isinstance(part, str))


def _action(change: dict[str, Any]) -> str:
    """One of ACTIONS, "" if nothing happens."""
    return _NAMES.get(tuple(map(str, items(change.get("actions")))), "other")


def _counted(change: Change) -> set[str]:
    if change.kind == OUTPUT:
        return {OUTPUT}
    more = {"move": change.moved_from, "import": change.imported}
    return {change.action} | {name for name, given in more.items() if given}


def _rank(change: Change) -> tuple[bool, int]:
    return change.kind == OUTPUT, ACTIONS.index(change.action)

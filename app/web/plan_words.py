"""What plans change, in words: in a few characters, in a sentence, and resource by resource."""

import difflib
from collections.abc import Mapping
from typing import NamedTuple

from app.lib import plan_counts
from app.lib.plan_changes import ACTIONS
from app.lib.plan_counts import OUTPUT, TO_DO
from app.lib.plan_values import WORDS, Attribute, Shown
from app.models import TaskPlanChange
from app.web import formats

# Glyph, and what a single resource says. The order is that of counts.
ACTS = {
    "create": ("+", "created"),
    "update": ("~", "changed"),
    "replace": ("±", "replaced"),
    "delete": ("−", "destroyed"),  # noqa: RUF001
    "forget": ("∅", "no longer managed, not destroyed"),
    "move": ("→", "moved"),
    "import": ("←", "imported"),
    "read": ("?", "read while it is applied"),
    "other": ("!", "changed in another way: the log says how"),
}
QUIET = ("move", "import", "read")
REASONS = {
    "replace_because_cannot_update": "it cannot be changed in place",
    "replace_because_tainted": "it is tainted",
    "replace_by_request": "as was asked for",
    "replace_by_triggers": "what it depends on changes",
    "delete_because_no_resource_config": "not in the configuration",
    "delete_because_no_module": "its module is not in the configuration",
    "delete_because_no_move_target": "it was moved to what is not in the configuration",
    "delete_because_wrong_repetition": "count or for_each were added or removed",
    "delete_because_count_index": "its index is beyond count",
    "delete_because_each_key": "its key is not in for_each",
    "read_because_config_unknown": "its arguments are not known before",
    "read_because_dependency_pending": "it depends on what changes",
    "read_because_check_nested": "for a check",
}
MOST_LINES = 1000  # of a text that is compared line by line


class Side(NamedTuple):
    """A value before or after; what stands for one that is not shown is no value."""

    text: str
    is_value: bool = True


class Row(NamedTuple):
    """An attribute: both values, or lines with a mark in front where they have several."""

    name: str
    before: Side | None
    after: Side | None
    lines: list[tuple[str, str]]
    forces: bool


def in_short(counts: Mapping[str, int] | None) -> str:
    """ "+3 ~2 ±1 −1"; what changes nothing of a resource only where there is nothing else."""  # noqa: RUF002
    said = [name for name in ACTS if counts and counts.get(name)]
    main = [name for name in said if name not in QUIET]
    return " ".join(f"{ACTS[name][0]}{counts[name]}" for name in main or said) if counts else ""


def sentence(counts: Mapping[str, int] | None, *, is_done: bool = False) -> str:
    """ "3 to create, 1 to destroy, 2 outputs", or "3 created, …"; "" where nothing is known."""
    if not is_done:
        return plan_counts.sentence(counts)
    known = counts or {}
    said = [f"{formats.number(known[name])} {words}" for name, (_, words) in ACTS.items()
            if known.get(name)]  # fmt: skip
    if known.get(OUTPUT):
        said.append(formats.counted(known[OUTPUT], "output"))
    return ", ".join(said)


def choices(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """What can be asked for: action, glyph and count, as far as there is any."""
    said = [(name, glyph_of, f"{formats.number(counts[name])} {TO_DO[name]}")
            for name, (glyph_of, _) in ACTS.items() if counts.get(name)]  # fmt: skip
    if counts.get(OUTPUT):
        said.append((OUTPUT, "", formats.counted(counts[OUTPUT], "output")))
    return said


def is_choice(action: str) -> bool:
    return action == OUTPUT or action in ACTIONS


def glyph(change: TaskPlanChange) -> str:
    return ACTS[change.action][0]


def of_change(change: TaskPlanChange) -> str:
    """What happens to a resource, and why."""
    _, said = ACTS[change.action]
    if change.kind == OUTPUT:
        said = f"output, {said}"
    elif change.action == "update":
        said = formats.counted(change.attributes, "attribute")
    if change.moved_from and change.action != "move":
        said += ", moved"
    if change.is_imported and change.action != "import":
        said += ", imported"
    if change.action == "replace" and change.forced_by:
        return f"{said}, forced by {change.forced_by}"
    reason = REASONS.get(change.reason, change.reason.replace("_", " "))
    return f"{said}: {reason}" if reason else said


def row(attribute: Attribute) -> Row:
    """An attribute as a page shows it."""
    before, after = attribute.before, attribute.after
    lines = _lines(before, after) if isinstance(before, str) and isinstance(after, str) else []
    name = attribute.path or "value"
    return Row(name, _side(before), _side(after), lines, attribute.forces)


def _side(shown: Shown) -> Side | None:
    if shown is None:
        return None
    if isinstance(shown, int):
        return Side(WORDS[shown], is_value=False)
    return Side(shown or '""')


def _lines(before: str, after: str) -> list[tuple[str, str]]:
    """Texts of several lines side by side: those that go, come, and stand around them."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) < 2 or len(old) + len(new) > MOST_LINES:
        return []
    found = list(difflib.unified_diff(old, new, lineterm=""))[2:]
    return [("…", "") if line.startswith("@@") else (line[0], line[1:]) for line in found][1:]

"""What makes a run another one than an earlier run: two manifests, part by part."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.executors.environment import as_text
from app.models import FINISHED, Project, Task, TaskStatus
from app.services import run_manifests, tasks
from app.services.run_manifests import Entry, Facts

LOOKED_AT = 1000  # runs of the template among which the last successful one is looked for
# Part -> what the manifest calls it.
PARTS = ("commit", "variables", "parameters", "template", "inventory", "tools", "requirements")

Entries = dict[str, Entry]


@dataclass(frozen=True)
class Change:
    """`kind` is added, removed or changed; `before` and `after` are texts where they are known,
    empty ones for what is set to nothing, and None for what is not there, or not kept. `place`
    tells variables of one name apart."""

    part: str
    name: str
    kind: str
    before: str | None = None
    after: str | None = None
    place: str = ""


@dataclass(frozen=True)
class Comparison:
    """`unknown` are parts that one of the runs says nothing of; `unsure` are names, by part, whose
    hashes cannot be compared, since the key of the hashes was replaced in between."""

    changes: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()
    unsure: tuple[tuple[str, str], ...] = ()

    @property
    def commits(self) -> tuple[str, str] | None:
        """The commits of both, where they differ."""
        found = (c for c in self.changes if (c.part, c.name) == ("commit", "commit"))
        one = next(found, None)
        return (one.before, one.after) if one and one.before and one.after else None

    def of(self, part: str) -> list[Change]:
        return [change for change in self.changes if change.part == part]


def compare(a: Facts, b: Facts) -> Comparison:
    """What is new, gone or different in `b`. Pure; it shows no value that a manifest has not."""
    same_key = a.get("key") == b.get("key")
    changes: list[Change] = []
    unknown: list[str] = []
    unsure: list[tuple[str, str]] = []
    for part in PARTS:
        before, after = _entries(a, part), _entries(b, part)
        if before is None or after is None:
            unknown += [] if before is after else [part]
            continue
        before, after = _parted(before, after), _parted(after, before)
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            same = _same(old, new, same_key) if old and new else False
            if same is None:
                unsure.append((part, _named(part, key)[1]))
            elif not same:
                changes.append(_change(part, key, old, new))
    return Comparison(tuple(changes), tuple(unknown), tuple(unsure))


def _entries(facts: Facts, part: str) -> Entries | None:
    """A part of a manifest as names and values or hashes; None: nothing is known of it."""
    if part == "commit":
        found = facts.get("commit", {})
        known = {"commit": found.get("hash"), "branch": found.get("branch")}
        return {name: {"value": v} for name, v in known.items() if v} if found.get("hash") else None
    if part == "variables" and part in facts:
        return {f"{one['place']}:{one['name']}": one for one in facts[part]}
    if part == "inventory":
        return dict(_inventory(facts[part])) if part in facts else _nothing(facts)
    if part in ("tools", "requirements"):
        nothing: dict[str, str] | None = (
            {} if part == "requirements" and "command" in facts else None
        )
        found = facts.get(part, nothing)
        return None if found is None else {name: {"value": v} for name, v in found.items()}
    if part == "parameters" and part in facts:  # each build has a version of its own
        return {name: entry for name, entry in facts[part].items() if name != "version"}
    return facts.get(part)


def _parted(found: Entries, other: Entries) -> Entries:
    """The parts of an entry in the place of it, where the other manifest tells them, too."""
    told: Entries = {}
    for name, entry in found.items():
        if "parts" in entry and "parts" in other.get(name, {}):
            told |= {f"{name}.{part}": value for part, value in entry["parts"].items()}
        else:
            told[name] = entry
    return told


def _nothing(facts: Facts) -> Entries | None:
    """Whether a manifest that does not speak of something says that there was none."""
    return {} if "v" in facts else None


def _inventory(found: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
    yield "inventory", {"value": found["name"]}
    yield "type", {"value": found["type"]}
    if "commit" in found:
        yield "commit of its repository", {"value": found["commit"]}
    if "files" in found:
        yield from ((name, {"hash": digest}) for name, digest in found["files"].items())
    elif "hash" in found:
        yield "hosts", {"hash": found["hash"]}


def _same(old: Entry, new: Entry, same_key: bool) -> bool | None:
    """Whether two values are equal; None where that cannot be told."""
    if "hash" in old and "hash" in new and same_key:
        return bool(old["hash"] == new["hash"])
    if "value" in old and "value" in new:
        return bool(old["value"] == new["value"])
    return None


def _change(part: str, key: str, old: Entry | None, new: Entry | None) -> Change:
    place, name = _named(part, key)
    kind = "changed" if old and new else "added" if new else "removed"
    before, after = _text(old), _text(new)
    if old and new and before is not None and before == after:  # the text 4 is now the number
        before, after = json.dumps(old["value"]), json.dumps(new["value"])
    return Change(part, name, kind, before, after, place)


def _named(part: str, key: str) -> tuple[str, str]:
    """Place and name of a variable; other things have no place."""
    place, _, name = key.partition(":")
    return (place, name) if part == "variables" else ("", key)


def _text(entry: Entry | None) -> str | None:
    if entry is None or entry.get("secret") or "value" not in entry:
        return None
    return "" if entry["value"] is None else as_text(entry["value"])


@dataclass(frozen=True)
class Pair:
    """Two runs of a template, the earlier one first, and what makes the difference."""

    a: Task
    b: Task
    comparison: Comparison


def since_it_worked(task: Task) -> Pair | None:
    """A run beside the last one before it that has succeeded; None if none has."""
    before = last_success(task)
    return _pair(before, task) if before else None


def last_success(task: Task) -> Task | None:
    """The newest successful run before this one, of the last thousand of its template."""
    mine = select(Task.id, Task.status).where(
        Task.template_id == task.template_id, Task.id < task.id
    )
    recent = mine.order_by(Task.id.desc()).limit(LOOKED_AT).subquery()
    newest = select(recent.c.id).where(recent.c.status == TaskStatus.SUCCESS)
    found = db.session.scalar(newest.order_by(recent.c.id.desc()).limit(1))
    return db.session.get(Task, found) if found else None


def of(project: Project, a_id: int, b_id: int) -> Pair:
    """Two runs of one template. Raises NotFound, and Invalid where their templates differ."""
    a, b = tasks.get(project, a_id), tasks.get(project, b_id)
    if a.template_id != b.template_id:
        raise Invalid({"a": f"Run #{a.id} is of another template than run #{b.id}"})
    return _pair(a, b)


def choices(pair: Pair, count: int = 50) -> list[Task]:
    """The newest finished runs of the template, for a picker, with these two."""
    mine = select(Task).where(Task.template_id == pair.b.template_id, Task.status.in_(FINISHED))
    found = list(db.session.scalars(mine.order_by(Task.id.desc()).limit(count)))
    return sorted({*found, pair.a, pair.b}, key=lambda one: -one.id)


def _pair(a: Task, b: Task) -> Pair:
    return Pair(a, b, compare(run_manifests.find(a), run_manifests.find(b)))

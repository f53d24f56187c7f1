"""What a plan changes in one object: two values of JSON beside each other, path by path."""

import json
import re
from collections.abc import Iterator, Sequence, Set
from itertools import zip_longest
from typing import Any, NamedTuple

from app.lib.loose_json import clean
from app.lib.plan_marks import as_text, below, scalars

UNKNOWN, SENSITIVE = 1, 2  # in the place of a text
Shown = str | int | None  # a text, one of these, or nothing on this side
WORDS = {UNKNOWN: "(known after apply)", SENSITIVE: "(sensitive)"}

LONGEST = 10_000  # characters of a value that are shown

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NESTED = ("{", "[")


class Attribute(NamedTuple):
    """A path that changes; `forces`: it is why the object has to be replaced."""

    path: str
    before: Shown
    after: Shown
    forces: bool = False


class Leaf(NamedTuple):
    """A value as it is shown; `raw` tells those apart that are shown alike, and goes nowhere."""

    shown: str | int
    raw: str = ""
    is_text: bool = False


def marked(value: Any, sensitive: Any, unknown: Any, hidden: Set[str]) -> Any:
    """The value with leaves that may be shown; a list of leaves becomes one.

    `sensitive` and `unknown` are the marks of it: true, or of its parts. `hidden`: what is shown
    nowhere.
    """
    if unknown is True:
        return Leaf(SENSITIVE if sensitive is True else UNKNOWN)
    if value is None and not (unknown and isinstance(unknown, dict)):
        return None
    if sensitive is True:
        return Leaf(SENSITIVE, _as_json(value))
    if isinstance(value, dict) or value is None:
        known = value or {}
        names = sorted({*known, *(unknown if isinstance(unknown, dict) else ())})
        return {
            name: marked(known.get(name), below(sensitive, name), below(unknown, name), hidden)
            for name in names
        } or Leaf("{}")
    if isinstance(value, list):
        more = unknown[len(value) :] if isinstance(unknown, list) else []
        parts = enumerate([*value, *(None for _ in more)])
        return _list([marked(one, below(sensitive, n), below(unknown, n), hidden)
                      for n, one in parts])  # fmt: skip
    return _leaf(value, hidden)


def compare(before: Any, after: Any, forcing: Sequence[Any] = ()) -> Iterator[Attribute]:
    """Each path that differs between two values of `marked`; `forcing`: paths in lists of steps."""
    reasons = ["".join(map(_step, path)) for path in forcing if isinstance(path, list)]
    for path, old, new in _differences(before, after, ""):
        forces = any(_leads_to(path, reason) or _leads_to(reason, path) for reason in reasons)
        yield Attribute(clean(path.removeprefix(".")), _shown(old), _shown(new), forces)


def unchanged(before: Any, after: Any) -> int:
    """How many parts of an object stay as they are; of what is no object none."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return 0
    return sum(after.get(name) == part for name, part in before.items() if part is not None)


def _differences(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if before == after:
        return
    kinds = {type(side) for side in (before, after) if side is not None}
    if kinds == {dict}:
        old, new = before or {}, after or {}
        for name in sorted({*old, *new}):
            yield from _differences(old.get(name), new.get(name), path + _step(name))
    elif kinds == {list}:
        for place, one, other in _aligned(before or [], after or []):
            yield from _differences(one, other, path + _step(place))
    else:
        yield path, before, after


def _aligned(before: list[Any], after: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """What differs side by side, without what both have; where only the order is another one, all.

    Sets come as lists as well: one element less would else make all behind it differ.
    """
    olds, news = set(map(repr, before)), set(map(repr, after))
    left = [(place, one) for place, one in enumerate(before) if repr(one) not in news]
    right = [(place, one) for place, one in enumerate(after) if repr(one) not in olds]
    if not left and not right:
        left, right = list(enumerate(before)), list(enumerate(after))
    for old, new in zip_longest(left, right):
        place = new[0] if new else old[0]
        yield place, old[1] if old else None, new[1] if new else None


def _list(parts: list[Any]) -> Any:
    if not all(part is None or isinstance(part, Leaf) for part in parts):
        return parts
    text = ", ".join(_whole(part) for part in parts)
    return Leaf(f"[{text}]", _as_json([part and part[:2] for part in parts]))


def _leaf(value: Any, hidden: Set[str]) -> Leaf:
    if as_text(value) in hidden:
        return Leaf(SENSITIVE, _as_json(value))
    if not isinstance(value, str):
        return Leaf(_as_json(value))
    nested = _nested(value)
    if nested is None:
        return Leaf(value, is_text=True)
    if any(as_text(one) in hidden for one in scalars(nested)):
        return Leaf(SENSITIVE, value)
    return Leaf(json.dumps(nested, indent=2, ensure_ascii=False), value)


def _nested(text: str) -> Any:
    """What a text holds that is itself JSON of several parts, as policies are; None if not."""
    if text.startswith(_NESTED):
        try:
            return json.loads(text) or None
        except (ValueError, RecursionError):
            return None
    return None


def _shown(side: Any) -> Shown:
    if side is None:
        return None
    shown = side.shown if isinstance(side, Leaf) else _whole(side)
    if isinstance(shown, int):
        return shown
    more = len(shown) - LONGEST
    return clean(shown if more <= 0 else f"{shown[:LONGEST]}… {more:,} characters more")


def _whole(side: Any, indent: str = "\n") -> str:
    """The value as JSON, with words for what is not shown."""
    inner = f"{indent}  "
    if isinstance(side, dict):
        parts = [f"{_as_json(name)}: {_whole(part, inner)}" for name, part in side.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{indent}}}"
    if isinstance(side, list):
        return f"[{inner}{f',{inner}'.join(_whole(part, inner) for part in side)}{indent}]"
    if not isinstance(side, Leaf):
        return _as_json(side)
    if isinstance(side.shown, int):
        return WORDS[side.shown]
    return _as_json(side.shown) if side.is_text else side.shown


def _step(step: Any) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _NAME.fullmatch(str(step)) else f"[{_as_json(step)}]"


def _leads_to(path: str, start: str) -> bool:
    return path == start or path.startswith((f"{start}.", f"{start}["))


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

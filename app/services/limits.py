"""How many hosts of an inventory a limit leaves, as far as that can be told without ansible."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

EVERY = ("all", "*")


def matched(answer: Mapping[str, Any], limit: Iterable[str]) -> set[str] | None:
    """The hosts, of an answer about an inventory, that the patterns match together.

    None if that is unknown: the answer does not have all hosts, or a pattern is one of those that
    only ansible can read (expressions, slices).
    """
    parts = [part.strip() for item in limit for part in _split(item) if part.strip()]
    if answer["more"] or any(part.startswith("~") or "[" in part for part in parts):
        return None
    groups = {host["name"]: host["groups"] for host in answer["hosts"]}
    chosen = [part for part in parts if part[0] not in "!&"]
    found = set().union(*map(_finder(groups), chosen or EVERY[:1]))
    for part in parts:
        if part.startswith("&"):
            found &= _finder(groups)(part[1:])
    for part in parts:
        if part.startswith("!"):
            found -= _finder(groups)(part[1:])
    return found


def _split(item: str) -> list[str]:
    """A colon divides patterns too, but not inside of an IPv6 address."""
    return [item] if item.count(":") > 1 and not set("!&*") & set(item) else item.split(":")


def _finder(groups: Mapping[str, list[str]]) -> Callable[[str], set[str]]:
    def find(pattern: str) -> set[str]:
        return {
            name
            for name, within in groups.items()
            if pattern in EVERY or any(fnmatchcase(one, pattern) for one in (name, *within))
        }

    return find

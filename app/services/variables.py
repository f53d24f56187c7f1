"""What variable groups come to together: one value for each name, and where it is from."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.models import AccessKey, Environment
from app.schemas.environments import KINDS


@dataclass(frozen=True)
class Variable:
    """A variable of a group: a plain value, or a secret that stays sealed.

    `kind` is "var" (an extra variable) or "env" (of the process). `hides` are the groups whose
    variable of the same name does not count, in their order.
    """

    name: str
    kind: str
    group: Environment
    value: Any = None
    secret: AccessKey | None = None
    hides: tuple[Environment, ...] = ()


def of_group(group: Environment) -> list[Variable]:
    """The variables of one group: extra variables, process environment, secrets."""
    plain = {"var": group.json, "env": group.env}
    found = [
        Variable(name, kind, group, value=value)
        for kind, text in plain.items()
        for name, value in json.loads(text or "{}").items()
    ]
    sealed = [Variable(row.name, KINDS[row.owner], group, secret=row) for row in group.secrets]
    return found + sealed


def merge(groups: Iterable[Environment]) -> list[Variable]:
    """The variables that count, by kind and name.

    Of equal names of a kind the later group's counts, and a secret before every plain value.
    """
    counting: dict[tuple[str, str], Variable] = {}
    for group in groups:
        for one in of_group(group):
            place = (one.kind, one.name)
            counting[place] = _winner(counting.get(place), one)
    return sorted(counting.values(), key=lambda one: (one.kind != "var", one.name))


def _winner(earlier: Variable | None, later: Variable) -> Variable:
    if earlier is None:
        return later
    wins, loses = (earlier, later) if earlier.secret and not later.secret else (later, earlier)
    hidden = [*earlier.hides, loses.group]
    others = tuple(dict.fromkeys(group for group in hidden if group is not wins.group))
    return Variable(wins.name, wins.kind, wins.group, wins.value, wins.secret, others)

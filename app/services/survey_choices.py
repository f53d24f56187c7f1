"""What a question offers that has its choices looked up: by a worker, as for every picker.

What is offered helps to choose. What may be answered does not depend on it: any name of the right
form (schemas/survey_kinds) that matches the question's pattern, so that a start is decided the
same with and without a worker, and for a branch that is a second old.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.models import Inventory, TaskTemplate
from app.services import probes

NO_INVENTORY = "The template has no inventory"


@dataclass(frozen=True)
class Source:
    """`kind` of look-up, about the template's repository or its inventory."""

    kind: str
    of_inventory: bool
    names: Callable[[Mapping[str, Any]], list[str]]


def _names(part: str) -> Callable[[Mapping[str, Any]], list[str]]:
    return lambda answer: [one["name"] for one in answer[part]]


SOURCES = {
    "hosts": Source("inventory", True, _names("hosts")),
    "groups": Source("inventory", True, _names("groups")),
    "branches": Source("repository", False, lambda answer: answer["branches"]),
    "tags": Source("tags", False, lambda answer: answer["tags"]),
}


@dataclass(frozen=True)
class Offer:
    """The names, if they are known; else whether they will be, or why they are not."""

    names: list[str]
    state: probes.State


def ask(
    template: TaskTemplate, question: Mapping[str, Any], inventory: Inventory | None = None
) -> Offer:
    """Have a worker look unless it is known; `inventory` replaces the template's.

    The look at an inventory runs what it brings along, so asking takes the right to run.
    """
    source = SOURCES[question["source"]]
    row = (inventory or template.inventory) if source.of_inventory else template.repository
    if row is None:
        return Offer([], probes.State(probes.Status.FAILED, reason=NO_INVENTORY))
    state = probes.ask(source.kind, row)
    return Offer(source.names(state.answer) if state.is_done else [], state)

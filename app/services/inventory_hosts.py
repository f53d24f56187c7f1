"""The hosts of an inventory, as a worker's look at it has found them."""

from dataclasses import dataclass
from typing import Any

from app.models import Inventory
from app.services import probes

MOST = 100  # hosts that a page shows at once


@dataclass(frozen=True)
class Found:
    """Some hosts of `total` that were looked for, and the groups to choose from."""

    hosts: list[dict[str, Any]]
    total: int
    groups: list[dict[str, Any]]
    has_more: bool  # than the look itself has told


def state_of(inventory: Inventory) -> probes.State:
    """What is known of its hosts; nobody is asked."""
    return probes.state_of("inventory", inventory)


def ask(inventory: Inventory, *, again: bool = False) -> probes.State:
    """Have a worker look, `again` although its last answer is still known.

    The look runs scripts and plugins of the inventory, so it takes the right to run.
    """
    return probes.ask("inventory", inventory, again=again)


def find(answer: dict[str, Any], text: str = "", group: str = "") -> Found:
    """The hosts of an answer whose name contains the text and which are in the group."""
    hosts = [
        host
        for host in answer["hosts"]
        if text.lower() in host["name"].lower() and (not group or group in host["groups"])
    ]
    return Found(hosts[:MOST], len(hosts), answer["groups"], answer["more"])

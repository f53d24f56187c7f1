"""Who sends webhooks: how each proves itself, what it sends, and the conditions to begin with.

Each is a file below senders/: title, help, auth_method, auth_header, matchers, what these ask for
(`only`), and as an example the headers and the body of a request.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.models import Integration, User
from app.schemas.integrations import MatcherIn
from app.services import integration_rules
from app.services.integration_rules import Matcher

FOLDER = Path(__file__).parent / "senders"
NAMES = ("github", "gitlab", "bitbucket", "gitea", "alertmanager", "grafana", "json")


@dataclass(frozen=True)
class Sender:
    name: str
    title: str
    help: str
    only: str
    auth_method: str
    auth_header: str
    headers: dict[str, str]
    body: dict[str, Any]
    matchers: list[dict[str, str]]

    @property
    def example(self) -> str:
        """The body of the example as a person reads it."""
        return json.dumps(self.body, indent=2, ensure_ascii=False)


@cache
def known() -> dict[str, Sender]:
    """The senders by name, in the order in which they are offered."""
    return {name: Sender(name, **json.loads((FOLDER / f"{name}.json").read_text("utf-8")))
            for name in NAMES}  # fmt: skip


def add_matchers(integration: Integration, sender: Sender, *, actor: User | None) -> None:
    """The conditions that a new integration begins with."""
    for matcher in sender.matchers:
        data = MatcherIn.model_validate(matcher)
        integration_rules.add(Matcher, integration, data, actor=actor)


def of(integration: Integration) -> Sender:
    """The sender that an integration looks made for."""
    for sender in known().values():
        same = sender.auth_method == integration.auth_method
        if same and sender.auth_header.lower() == integration.auth_header.lower():
            return sender
    return known()["json"]

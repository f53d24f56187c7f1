"""The exchanges that were recorded from a server of the 2.10 line, in the order they happened."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "api"

# Each group was written to a file of its own. What stands at a file's end was often recorded
# later, while another group was: (group, first exchange, one past the last; None: to the end).
ORDER: tuple[tuple[str, int, int | None], ...] = (
    ("auth", 0, None),
    ("http", 0, None),
    ("users", 0, 56),
    ("user", 0, None),
    ("projects", 0, 43),
    ("project_users", 0, None),
    ("projects", 43, 62),
    ("keys", 0, 61),
    ("repositories", 0, 49),
    ("keys", 61, 63),
    ("inventory", 0, 53),
    ("keys", 63, 65),
    ("repositories", 49, 51),
    ("inventory", 53, 54),
    ("environment", 0, 60),
    ("keys", 65, 67),
    ("views", 0, 38),
    ("templates", 0, 83),
    ("schedules", 0, None),
    ("integrations", 0, 89),
    ("webhooks", 0, None),
    ("integrations", 89, 104),
    ("inventory", 54, None),
    ("repositories", 51, None),
    ("environment", 60, None),
    ("views", 38, None),
    ("keys", 67, None),
    ("integrations", 104, None),
    ("templates", 83, 84),
    ("tasks", 0, 93),
    ("templates", 84, None),
    ("tasks", 93, None),
    ("events", 0, 8),
    ("options_apps_info", 0, None),
    ("backup", 0, None),
    ("projects", 62, None),
    ("events", 8, None),
    ("users", 56, None),
)

# Groups that are skipped: each with an operation of docs/api.md's "Not there yet".
NOT_YET = {"runners": "GET /runners"}

# The same for single exchanges, by the operation that they name.
NOT_YET_OPERATIONS = {
    "GET /auth/oidc/{provider_id}/login",
    "GET /auth/oidc/{provider_id}/redirect",
}

ELSEWHERE = {"auth 31": "tests/live/test_api_ws.py"}  # the upgrade to a socket needs a server


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered. `name` is the group and the place in its file."""

    name: str
    operation: str
    request: dict[str, Any]
    response: dict[str, Any]
    note: str
    tasks_started: int

    @property
    def method(self) -> str:
        return self.request["method"]

    @property
    def path(self) -> str:
        return self.request["path"]

    @property
    def actor(self) -> str | None:
        return self.request["as"]

    @property
    def status(self) -> int | None:
        """None: the server broke the connection."""
        return self.response["status"]

    @property
    def body(self) -> Any:
        return self.response.get("body")

    @property
    def is_skipped(self) -> bool:
        return self.operation in NOT_YET_OPERATIONS or self.name in ELSEWHERE


@cache
def group(name: str) -> list[Exchange]:
    entries = json.loads((FOLDER / f"{name}.json").read_text())
    return [
        Exchange(
            f"{name} {at}",
            e["operation"],
            e["request"],
            e["response"],
            e.get("note", ""),
            e.get("tasks_started", 0),
        )
        for at, e in enumerate(entries)
    ]


def in_order() -> Iterator[Exchange]:
    """All exchanges that are replayed."""
    for name, first, end in ORDER:
        yield from (e for e in group(name)[first:end] if not e.is_skipped)

"""What changed since a run last worked, in the few words that stand in the head of a failed one."""

from typing import Any

from app.models import Task, TaskStatus
from app.services import run_comparisons
from app.services.run_comparisons import Comparison

TITLES = {
    "commit": "Commit",
    "variables": "Variables",
    "parameters": "Parameters of the run",
    "template": "Template",
    "inventory": "Inventory",
    "tools": "Tools",
    "requirements": "Roles, collections and packages",
}
MOST_NAMED = 3


def in_short(task: Task) -> dict[str, Any] | None:
    """Since which run, and what changed; None for a run that has not failed, or never worked."""
    if task.status != TaskStatus.ERROR:
        return None
    pair = run_comparisons.since_it_worked(task)
    return {"since": pair.a, "words": "; ".join(_words(pair.comparison))} if pair else None


def _words(found: Comparison) -> list[str]:
    said = []
    if found.commits:
        before, after = found.commits
        said.append(f"commit {before[:7]} → {after[:7]}")
    for part, title in TITLES.items():
        names = [change.name for change in found.of(part) if change.name != "commit"]
        if names:
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            said.append(f"{title.lower()}: {', '.join(names[:MOST_NAMED])}{more}")
    return said

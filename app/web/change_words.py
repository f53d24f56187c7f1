"""What changed since a run last worked, in the few words that stand in the head of a failed one."""

from typing import Any

from app.models import Task, TaskStatus
from app.services import run_comparisons, task_params
from app.services.run_comparisons import Change, Comparison
from app.web.template_labels import LABELS

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
# What the manifest calls otherwise than forms do.
NAMES = {
    "app": "Tool",
    "playbook": "Script",
    "repository": "Repository",
    "repository_branch": "Branch of the repository",
    "inventory": "Inventory",
    "environments": "Variables",
    "runner_tag": "Runner tag",
    "survey_vars": "Questions",
    "task_params": "Parameters of the tool",
}
OF_A_RUN = {
    "branch": "Branch",
    "version": "Version",
    "build_version": "Deployed version",
    "variables": "Variables",
}
OF_AN_INVENTORY = {"inventory": "Inventory", "type": "Type", "hosts": "Hosts and their variables"}


def in_short(task: Task) -> dict[str, Any] | None:
    """Since which run, and what changed; None for a run that has not failed, or never worked."""
    if task.status != TaskStatus.ERROR:
        return None
    pair = run_comparisons.since_it_worked(task)
    return (
        {"since": pair.a, "words": "; ".join(_words(pair.comparison, task.template.app))}
        if pair
        else None
    )


def label(change: Change, app: str) -> str:
    """What has changed, as the forms call it: the tool's parameters by the tool's words."""
    name = change.name
    if change.part == "parameters":
        return (LABELS | OF_A_RUN).get(name) or _of_tool(name, app)
    if change.part == "inventory":
        return OF_AN_INVENTORY.get(name, name)
    if change.part != "template":
        return name
    whole, _, part = name.partition(".")
    if part:
        return f"Question {part}" if whole == "survey_vars" else _of_tool(part, app)
    return (LABELS | NAMES).get(name, name)


def _of_tool(name: str, app: str) -> str:
    """A parameter, or the switch that opens some to runs, or closes them."""
    for one in task_params.of_tool(app).values():
        if name == one.name:
            return one.label
        if name == one.switch:
            return f"{one.label} {'closed' if one.open_unless else 'open'} to runs"
    return name


def _words(found: Comparison, app: str) -> list[str]:
    said = []
    if found.commits:
        before, after = found.commits
        said.append(f"commit {before[:7]} → {after[:7]}")
    for part, title in TITLES.items():
        names = [label(change, app) for change in found.of(part) if change.name != "commit"]
        if names:
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            said.append(f"{title.lower()}: {', '.join(names[:MOST_NAMED])}{more}")
    return said

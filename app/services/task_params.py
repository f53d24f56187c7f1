"""What a task may change of its template: given, allowed, or refused by name; never dropped."""

import json
from typing import Any

from app.errors import Invalid
from app.models import TaskTemplate
from app.schemas.tasks import TaskIn

EMPTY_JSON = ("[]", "{}", "null")
NOT_OPEN = "This template does not allow to change it"

# Parameter -> the template's switch that opens it. Without one it is never open.
OPENED_BY = {
    "arguments": "allow_override_args_in_task",
    "git_branch": "allow_override_branch_in_task",
}
CLOSED = (
    "playbook", "inventory_id", "build_task_id", "version", "debug", "dry_run", "diff", "limit",
    "tags", "skip_tags",
)  # fmt: skip


def check(data: TaskIn, template: TaskTemplate) -> None:
    """Raise Invalid that names every parameter which would otherwise be dropped in silence.

    A value that is empty, or the template's own, asks for nothing and is never refused.
    """
    refused = {name: "Unknown parameter" for name, v in data.unknown.items() if not is_empty(v)}
    for name in (*CLOSED, *OPENED_BY):
        if not is_open(template, name) and _differs(getattr(data, name), template, name):
            refused[name] = NOT_OPEN
    refused |= _params(data)
    refused |= _answers(data, template)
    if refused:
        raise Invalid(refused)


def is_open(template: TaskTemplate, name: str) -> bool:
    """Whether a run may change the parameter."""
    return name in OPENED_BY and getattr(template, OPENED_BY[name])


def is_empty(value: Any) -> bool:
    """Whether a value means "not given": clients post empty defaults of every kind."""
    if isinstance(value, str):
        return value.strip() in ("", *EMPTY_JSON)
    if isinstance(value, list):
        return all(is_empty(item) for item in value)
    if isinstance(value, dict):
        return all(is_empty(item) for item in value.values())
    return not value


def _differs(given: Any, template: TaskTemplate, name: str) -> bool:
    if is_empty(given):
        return False
    own = getattr(template, name, None)
    if name == "arguments" and own:
        return json.loads(given) != json.loads(own)
    return given != own


def _params(data: TaskIn) -> dict[str, str]:
    """No tool that is built so far takes any of them."""
    given = data.params or {}
    return {f"params.{name}": NOT_OPEN for name, v in given.items() if not is_empty(v)}


def _answers(data: TaskIn, template: TaskTemplate) -> dict[str, str]:
    """Check the survey's answers: declared, in the right place, and all that are required."""
    survey = {var["name"]: var for var in template.survey_vars or []}
    refused = {}
    for place, answers in (("environment", data.answers), ("secret", data.secret_answers)):
        for name, value in answers.items():
            reason = _misplaced(survey.get(name), place, template)
            if reason and not is_empty(value):
                refused[f"{place}.{name}"] = reason
    given = data.answers | data.secret_answers
    for name, var in survey.items():
        if var.get("required") and is_empty(given.get(name)) and is_empty(var.get("default_value")):
            refused[f"environment.{name}"] = "An answer is required"
    return refused


def _misplaced(var: dict[str, Any] | None, place: str, template: TaskTemplate) -> str | None:
    if var is None:
        return None if template.allow_any_vars_in_task else "Unknown variable"
    is_secret = var.get("type") == "secret"
    if is_secret and place == "environment":
        return "A secret answer belongs into `secret`"
    if not is_secret and place == "secret":
        return "This variable is no secret; it belongs into `environment`"
    return None

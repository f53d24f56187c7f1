"""What the form of a schedule leaves as it was stored: a default that was only shown is no answer,
and clients find what they gave in their own words."""

import json
from types import SimpleNamespace
from typing import Any

from app.models import Schedule, TaskTemplate
from app.schemas.tasks import BESIDE_PARAMS, TaskIn, is_empty
from app.services import task_params
from app.web import survey


def kept(template: TaskTemplate, schedule: Schedule, given: dict[str, Any]) -> dict[str, Any]:
    """What the form gives to runs, with what is stored where nobody has changed it."""
    stored = schedule.task_params or {}
    before = TaskIn.model_validate(stored)
    if _as_typed(template, before.tool_params) == given.get("params", {}):
        own = {name: v for name, v in stored.items() if name in ("params", *BESIDE_PARAMS)}
        given = {name: v for name, v in given.items() if name != "params"} | own
    return given | _answers(template, before, given.get("environment") or "")


def _as_typed(template: TaskTemplate, params: dict[str, Any]) -> dict[str, Any] | None:
    """Parameters as fields make them of what is stored; None for what a start would refuse."""
    known = task_params.of_tool(template.app)
    asked = {name: value for name, value in params.items() if not is_empty(value)}
    try:
        return {name: known[name].read(value) for name, value in asked.items()}
    except (KeyError, ValueError):
        return None


def _answers(template: TaskTemplate, before: TaskIn, text: str) -> dict[str, str]:
    """The open answers; nothing for a text that a schedule has to refuse."""
    if text and not survey.readable(text):
        return {}
    answers = json.loads(text or "{}")
    stored: Any = SimpleNamespace(environment=before.environment)
    shown = survey.of_task(template, stored)
    sent = survey.sent(template)
    for field in survey.of_template(template, shown):
        if _plain(field, sent[field.variable]) != _plain(field, field.value):
            continue
        answers.pop(field.variable, None)
        if field.variable in before.answers:
            answers[field.variable] = before.answers[field.variable]
    if answers == before.answers:
        return {"environment": before.environment or ""}
    return {"environment": json.dumps(answers)}


def _plain(field: survey.Field, value: Any) -> Any:
    """A box that is not ticked says no, and so does one that nothing was stored for."""
    return field.kind.typed(value or "false" if field.kind.field == "truth" else value)

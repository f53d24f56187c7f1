"""The survey of a template on its run sheet: one field for each question, "answer.<variable>"."""

import json
from typing import Any

from flask import request

from app.models import Task, TaskTemplate
from app.services import survey_answers

PREFIX = "answer."
PARAMETERS = ("environment", "secret")  # where a start takes answers, and where it finds faults


def labels(template: TaskTemplate) -> dict[str, str]:
    """What each field is called."""
    return {PREFIX + var["name"]: var.get("title") or var["name"] for var in _questions(template)}


def sent(template: TaskTemplate) -> dict[str, str]:
    """The answers of the form, by variable."""
    names = [var["name"] for var in _questions(template)]
    return {name: request.form.get(PREFIX + name, "") for name in names}


def of_task(template: TaskTemplate, task: Task | None) -> dict[str, str]:
    """What the fields are filled with: the answers of a run, else the defaults; never a secret."""
    given = json.loads(task.environment or "{}") if task else {}
    filled = {var["name"]: var.get("default_value") or "" for var in _questions(template)}
    return {name: str(given.get(name, default)) for name, default in filled.items()}


def as_parameters(template: TaskTemplate, answers: dict[str, str]) -> dict[str, str]:
    """The answers as a start takes them: two JSON objects, the secret ones apart."""
    found: dict[str, dict[str, Any]] = {name: {} for name in PARAMETERS}
    for var in _questions(template):
        if answer := answers[var["name"]]:
            place = "secret" if var.get("type") == "secret" else "environment"
            found[place][var["name"]] = answer
    return {place: json.dumps(values) if values else "" for place, values in found.items()}


def at_fields(errors: dict[str, str]) -> dict[str, str]:
    """Errors by the names of the fields of this page: environment.port is answer.port."""
    return {_field(name): text for name, text in errors.items()}


def _field(name: str) -> str:
    place, dot, variable = name.partition(".")
    return PREFIX + variable if dot and place in PARAMETERS else name


def _questions(template: TaskTemplate) -> list[dict[str, Any]]:
    return list(survey_answers.questions(template).values())

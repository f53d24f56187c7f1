"""The arguments of a run, its template's and its own, by the steps of its tool."""

from typing import Any

from app.lib import step_arguments
from app.models import Task


def of(task: Task) -> dict[str, Any]:
    """The fields of a RunSpec. A run's own come after the template's; the same ones are not given
    twice."""
    template = task.template.arguments
    return of_texts(template, task.arguments if task.arguments != template else None)


def of_texts(template: str | None, own: str | None) -> dict[str, Any]:
    """The same of what is stored, or typed: what is no arguments counts as not given."""
    arguments, steps = _split(template)
    task_arguments, task_steps = _split(own)
    return {
        "arguments": arguments,
        "steps": steps,
        "task_arguments": task_arguments,
        "task_steps": task_steps,
    }


def _split(text: str | None) -> tuple[tuple[str, ...], step_arguments.Steps]:
    try:
        steps = step_arguments.read(text)
    except ValueError:
        return (), {}
    return steps.pop(step_arguments.DEFAULT, ()), steps

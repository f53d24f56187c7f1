"""The fields that a template opens to whoever starts it, on the run sheet and in schedules."""

from typing import Any

from app.models import Project, TaskTemplate
from app.services import environments, inventories, task_params
from app.web import tool_params


def shown(
    project: Project, template: TaskTemplate, inventory_id: Any, params: dict[str, Any] | None
) -> dict[str, Any]:
    """What their part of a form needs, given the inventory that is chosen and the parameters of the
    tool; None for those of the template."""
    is_open = {name: task_params.is_open(template, name) for name in task_params.OPENED_BY}
    inventory_choices: list[tuple[int, str]] = []
    if is_open["inventory_id"]:
        inventory_choices = inventories.offered(project, template, inventory_id)
    return {
        "is_open": is_open,
        "inventory_choices": inventory_choices,
        "group_choices": environments.choices(project) if is_open["environment_id"] else [],
        "params": tool_params.of_run(template, params),
        "levels": tool_params.levels(),
    }

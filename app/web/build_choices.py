"""The builds that a form offers to what deploys them."""

from typing import Any

from app.models import TaskTemplate
from app.schemas.task_templates import DEPLOY
from app.services import builds


def of(template: TaskTemplate, chosen: Any) -> list[tuple[Any, str]]:
    """What runs of a schedule can deploy; the build that is chosen is among it, however old.

    Empty where the template deploys nothing.
    """
    if template.type != DEPLOY:
        return []
    found = [(row.id, f"{row.version or ''} #{row.id}".strip()) for row in builds.offered(template)]
    if chosen and str(chosen) not in {str(number) for number, _ in found}:
        found.append((chosen, f"#{chosen}"))
    return [("", "The newest one then"), *found]

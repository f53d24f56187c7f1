"""What a link may choose of a project, by its number or by its name."""

from collections.abc import Callable, Iterable

from app.models import Project, TaskTemplate
from app.services import builds, environments, inventories

NO_BUILD = "no successful build has this number or version"
NOT_OFFERED = "runs of this template are offered none of this number or name"
SEVERAL = "it may be {}: name one by its number"

Offered = Iterable[tuple[int, str | None]]


def _inventories(project: Project, template: TaskTemplate) -> Offered:
    return inventories.offered(project, template)


def _groups(project: Project, _template: TaskTemplate) -> Offered:
    return environments.choices(project)


_OFFERED: dict[str, Callable[[Project, TaskTemplate], Offered]] = {
    "inventory_id": _inventories,
    "environment_id": _groups,
}


def chosen(project: Project, template: TaskTemplate, field: str, text: str) -> str:
    """The value of the field, "" where the link leaves it empty. ValueError says why it is none."""
    if not text:
        return ""
    if field == "build_task_id":
        return _one(builds.named(template, text), NO_BUILD)
    found = [id_ for id_, name in _OFFERED[field](project, template) if text in (str(id_), name)]
    return _one(found, NOT_OFFERED)


def _one(found: list[int], none: str) -> str:
    if not found:
        raise ValueError(none)
    if len(found) > 1:
        raise ValueError(SEVERAL.format(" or ".join(f"#{id_}" for id_ in found[:5])))
    return str(found[0])


FIELDS = frozenset({*_OFFERED, "build_task_id"})

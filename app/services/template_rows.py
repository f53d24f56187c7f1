"""Templates as the API lists them: all of a project, so rows of what is shown, in five queries."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, func, select

from app.db import db
from app.models import (
    Environment,
    Inventory,
    Project,
    ProjectView,
    Repository,
    Task,
    TaskTemplate,
    TemplateVault,
    template_environment,
)
from app.services import task_rows
from app.services.references import sorted_by
from app.services.task_rows import Shown, rows

FIRST_ENVIRONMENT = (
    select(Environment.name)
    .join(template_environment, template_environment.c.environment_id == Environment.id)
    .where(template_environment.c.template_id == TaskTemplate.id)
    .order_by(template_environment.c.position)
    .limit(1)
    .scalar_subquery()
)
SORTS = {
    "name": TaskTemplate.name,
    "playbook": TaskTemplate.playbook,
    "inventory": Inventory.name,
    "environment": FIRST_ENVIRONMENT,
    "repository": Repository.name,
}


def find(
    project: Project,
    *,
    app: str = "",
    view: ProjectView | None = None,
    sort: str = "",
    descending: bool = False,
) -> list[Shown]:
    """The templates, all or those of one app or view, named as TaskTemplateOut wants them."""
    query = (
        select(TaskTemplate.__table__)
        .where(TaskTemplate.project_id == project.id)
        .join(Repository, Repository.id == TaskTemplate.repository_id)
        .outerjoin(Inventory, Inventory.id == TaskTemplate.inventory_id)
    )
    if app:
        query = query.where(TaskTemplate.app == app)
    if view:
        query = query.where(TaskTemplate.view_id == view.id)
    return _complete(query, *sorted_by(SORTS, sort, descending))


def one(template: TaskTemplate) -> Shown:
    """What the list would show of this template."""
    return _complete(select(TaskTemplate.__table__).where(TaskTemplate.id == template.id))[0]


def _complete(query: Select[Any], *order: Any) -> list[Shown]:
    """Add what other tables know of the templates that a query finds."""
    ids = query.with_only_columns(TaskTemplate.id)
    groups, vaults, last, counts = _groups(ids), _vaults(ids), _last(ids), _counts(ids)
    return [
        row
        | {
            "environment_ids": groups[row["id"]],
            "vaults": vaults[row["id"]],
            "last_task": last.get(row["id"]),
            "tasks": counts.get(row["id"], 0),
        }
        for row in rows(query.order_by(*order))
    ]


def _groups(ids: Select[Any]) -> dict[int, list[int]]:
    groups = template_environment.c
    query = select(groups.template_id, groups.environment_id).where(groups.template_id.in_(ids))
    found: dict[int, list[int]] = defaultdict(list)
    for template_id, group_id in db.session.execute(query.order_by(groups.position)):
        found[template_id].append(group_id)
    return found


def _vaults(ids: Select[Any]) -> dict[int, list[Any]]:
    query = select(TemplateVault.__table__).where(TemplateVault.template_id.in_(ids))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows(query.order_by(TemplateVault.id)):
        found[row["template_id"]].append(row)
    return found


def _last(ids: Select[Any]) -> dict[int, Any]:
    """The newest task of each template. The index gives its id, however many there are."""
    newest = select(func.max(Task.id)).where(Task.template_id == TaskTemplate.id)
    query = task_rows.of_tasks().where(TaskTemplate.id.in_(ids))
    query = query.where(Task.id == newest.correlate(TaskTemplate).scalar_subquery())
    return {row["template_id"]: row for row in task_rows.with_builds(rows(query))}


def _counts(ids: Select[Any]) -> dict[int, int]:
    query = select(Task.template_id, func.count()).where(Task.template_id.in_(ids))
    return dict(db.session.execute(query.group_by(Task.template_id)).all())

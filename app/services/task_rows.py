"""Tasks as the API lists them: a thousand at once, so rows of what is shown instead of objects."""

from typing import Any

from sqlalchemy import Select, select

from app.db import db
from app.models import Project, Task, TaskTemplate, User
from app.schemas.tasks import TaskOut

OWN = set(TaskOut.model_fields) & set(Task.__table__.columns.keys()) - {"secret"}
SHOWN = (
    *(getattr(Task, name) for name in sorted(OWN)),
    TaskTemplate.playbook.label("tpl_playbook"),
    TaskTemplate.name.label("tpl_alias"),
    TaskTemplate.type.label("tpl_type"),
    TaskTemplate.app.label("tpl_app"),
    User.name.label("user_name"),
)
Shown = dict[str, Any]
_OF_BUILDS: Select[Any] = select(*(getattr(Task, name) for name in sorted(OWN)))


def find(
    project: Project, *, template: TaskTemplate | None = None, before: int | None = None, count: int
) -> list[Shown]:
    """Tasks, newest first: `count` with ids below `before`; named as TaskWithTpl wants them."""
    query = of_tasks().where(Task.project_id == project.id)
    if template is not None:
        query = query.where(Task.template_id == template.id)
    if before is not None:
        query = query.where(Task.id < before)
    return with_builds(rows(query.order_by(Task.id.desc()).limit(count)))


def of_tasks() -> Select[Any]:
    """What is shown of all tasks, to be narrowed."""
    query: Select[Any] = select(*SHOWN).select_from(Task)
    query = query.join(TaskTemplate, TaskTemplate.id == Task.template_id)
    return query.outerjoin(User, User.id == Task.user_id)


def rows(query: Select[Any]) -> list[Shown]:
    """What a query finds, by the names of its columns. A schema reads that twice as fast as rows,
    where a name that is left to its default costs an exception."""
    found = db.session.execute(query)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def with_builds(shown: list[Shown]) -> list[Shown]:
    """The same tasks, each deploy with what it deploys; at most one query more."""
    if ids := {task["build_task_id"] for task in shown if task["build_task_id"]}:
        builds = {build["id"]: build for build in rows(_OF_BUILDS.where(Task.id.in_(ids)))}
        for task in shown:
            task["build_task"] = builds.get(task["build_task_id"])
    return shown

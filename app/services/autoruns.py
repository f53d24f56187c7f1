"""Deploys that start by themselves once their build has succeeded."""

from sqlalchemy import Select, select

from app.db import db
from app.errors import DomainError
from app.models import Task, TaskTemplate
from app.schemas.tasks import TaskIn
from app.services import events, tasks


def start_after(build: Task) -> None:
    """Start each template that deploys what has been built, once.

    It belongs into the transaction that ends the build: either both are stored or none. What cannot
    start (it asks questions that nobody answers) is told in the project's activity.
    """
    for template in db.session.scalars(_waiting_for(build)).all():
        data = TaskIn.model_validate({"template_id": template.id, "build_task_id": build.id})
        try:
            with db.session.begin_nested():
                tasks.start(build.project, data, actor=None)
        except DomainError as error:
            events.record(build.project_id, None, template, f"could not start by itself: {error}")


def _waiting_for(build: Task) -> Select[TaskTemplate]:
    """What has not been started: an attempt to store the end may have been repeated."""
    started = select(Task.id).where(
        Task.template_id == TaskTemplate.id, Task.build_task_id == build.id
    )
    query = select(TaskTemplate).where(TaskTemplate.build_template_id == build.template_id)
    query = query.where(TaskTemplate.autorun.is_(True), ~started.exists())
    return query.order_by(TaskTemplate.id)

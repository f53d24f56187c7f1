"""Projects: what everything else belongs to."""

from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy import update as update_rows

from app.db import db
from app.extensions import kick
from app.models import (
    AccessKey,
    Environment,
    Event,
    Inventory,
    Project,
    ProjectUser,
    Repository,
    Schedule,
    Task,
    TaskTemplate,
    User,
)
from app.permissions import Role
from app.schemas.access_keys import AccessKeyIn
from app.schemas.environments import EnvironmentIn
from app.schemas.projects import ProjectIn
from app.services import access_keys, environments, events, live_events, tasks
from app.services.references import count_change, hold

# In this order, so that nothing refers to what is gone: MySQL checks each row at once.
OWNED = (
    Task,
    Schedule,
    TaskTemplate,
    Inventory,
    Repository,
    AccessKey,
    Environment,
    Event,
    ProjectUser,
)


def list_for(user: User, *, limit: int | None = None) -> list[Project]:
    """The projects a user takes part in, by name; a server administrator sees all.

    With a `limit` they are the first so many.
    """
    query = select(Project).order_by(func.lower(Project.name), Project.id).limit(limit)
    if not user.admin:
        query = query.join(ProjectUser, ProjectUser.project_id == Project.id)
        query = query.where(ProjectUser.user_id == user.id)
    return list(db.session.scalars(query))


def create(data: ProjectIn, *, actor: User | None) -> Project:
    """Make a project, owned by `actor`, with the key None and the variable group Empty."""
    project = create_empty(data, actor=actor)
    access_keys.create(project, AccessKeyIn(name=access_keys.NONE, type="none"), actor=actor)
    environments.create(
        project, EnvironmentIn.model_validate({"name": environments.EMPTY}), actor=actor
    )
    return project


def create_empty(data: ProjectIn, *, actor: User | None) -> Project:
    """Make a project that has nothing in it but its owner."""
    project = Project()
    _fill(project, data)
    db.session.add(project)
    db.session.flush()  # What belongs to it needs its id.
    if actor is not None:
        db.session.add(ProjectUser(project_id=project.id, user_id=actor.id, role=Role.OWNER))
    events.record(project.id, actor, project, "created")
    return project


def update(project: Project, data: ProjectIn, *, actor: User | None) -> Project:
    """Change the settings; runs that a limit has held back are looked at again."""
    count_change(project)
    _fill(project, data)
    events.record(project.id, actor, project, "updated")
    kick()
    return project


def delete(project: Project, *, actor: User | None) -> None:
    """Delete a project with all that is in it. Raises Busy while a task of it is active."""
    hold(project)
    tasks.refuse_while_active(project.name or "This project", tasks.unfinished(project=project))
    _untie_templates(project)
    for model in OWNED:
        db.session.execute(delete_rows(model).where(model.project_id == project.id))
    events.record(None, actor, project, "deleted")
    db.session.delete(project)
    db.session.flush()  # Rows that were added meanwhile go, or refuse it, here.
    live_events.project_gone(project.id)


def contents(project: Project) -> dict[str, int]:
    """How many objects of the kinds that people care for a project has, by their name."""
    kinds: dict[str, Any] = {
        "template": TaskTemplate,
        "run": Task,
        "repository": Repository,
        "key": AccessKey,
    }
    return {
        name: db.session.scalar(select(func.count(model.id)).where(model.project_id == project.id))
        or 0
        for name, model in kinds.items()
    }


def _untie_templates(project: Project) -> None:
    """Templates refer to each other, and inventories and templates to one another."""
    rows = update_rows(TaskTemplate).where(TaskTemplate.project_id == project.id)
    db.session.execute(rows.values(build_template_id=None))


def _fill(project: Project, data: ProjectIn) -> None:
    project.name = data.name
    project.alert = data.alert
    project.alert_chat = data.alert_chat
    project.max_parallel_tasks = data.max_parallel_tasks
    project.type = data.type
    if data.max_duration is not None:
        project.max_duration = data.max_duration

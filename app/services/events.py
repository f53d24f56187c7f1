"""The activity of a project: who did what to which object."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.db import db
from app.models import Event, Project, ProjectUser, User

# What the original calls each kind on the wire, and in a sentence.
KINDS = {
    "AccessKey": ("key", "Access Key"),
    "Environment": ("environment", "Environment"),
    "HostConfig": ("host_config", "Host mapping"),
    "HostKey": ("host_key", "Known host"),
    "Inventory": ("inventory", "Inventory"),
    "Project": ("project", "Project"),
    "ProjectUser": ("user", "User"),
    "ProjectView": ("view", "View"),
    "Repository": ("repository", "Repository"),
    "Task": ("task", "Task"),
    "TaskTemplate": ("template", "Template"),
    "User": ("user", "User"),
}
LIMIT = 200


def record(
    project_id: int | None, actor: User | None, obj: Any, verb: str, *, name: str = ""
) -> None:
    """Add that `actor` (none: the server itself) did something to an object.

    `verb` completes the sentence "Repository web …"; the object must have its id.
    """
    kind, title = KINDS[type(obj).__name__]
    shown = name or getattr(obj, "name", "") or f"ID {obj.id}"
    db.session.add(
        Event(
            project_id=project_id,
            user_id=actor.id if actor else None,
            object_type=kind,
            object_id=obj.id,
            object_name=shown[:255],
            description=f"{title} {shown} {verb}",
        )
    )


def list_for(project: Project, limit: int | None = None) -> list[Event]:
    """What happened in a project, newest first."""
    return _newest(select(Event).filter_by(project_id=project.id), limit)


def list_for_user(user: User, limit: int | None = None) -> list[Event]:
    """What happened in all projects of a user, newest first."""
    mine = select(ProjectUser.project_id).filter_by(user_id=user.id)
    return _newest(
        select(Event).where(Event.project_id.in_(mine) | (Event.user_id == user.id)), limit
    )


def of(obj: Any) -> list[Event]:
    """What happened to one object of a project, oldest first, with who did it."""
    kind, _ = KINDS[type(obj).__name__]
    query = (
        select(Event)
        .options(joinedload(Event.user))
        .filter_by(project_id=obj.project_id, object_type=kind, object_id=obj.id)
        .order_by(Event.id)
        .limit(LIMIT)
    )
    return list(db.session.scalars(query))


def last_of(obj: Any) -> Event | None:
    """Who did something to an object of a project last, and when."""
    kind, _ = KINDS[type(obj).__name__]
    query = select(Event).options(joinedload(Event.user))
    query = query.filter_by(project_id=obj.project_id, object_type=kind, object_id=obj.id)
    return db.session.scalar(query.order_by(Event.id.desc()).limit(1))


def _newest(query: Any, limit: int | None) -> list[Event]:
    return list(db.session.scalars(query.order_by(Event.id.desc()).limit(limit or LIMIT)))

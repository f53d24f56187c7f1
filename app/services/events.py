"""The activity of a project: who did what to which object."""

from typing import Any

from sqlalchemy import func, not_, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.models import Event, Project, ProjectUser, User

# What the original calls each kind on the wire, and in a sentence.
KINDS = {
    "AccessKey": ("key", "Access Key"),
    "App": ("app", "App"),
    "CustomRole": ("role", "Role"),
    "Environment": ("environment", "Environment"),
    "HostConfig": ("host_config", "Host mapping"),
    "HostKey": ("host_key", "Known host"),
    "Integration": ("integration", "Integration"),
    "IntegrationExtractValue": ("integrationextractvalue", "Integration value"),
    "IntegrationMatcher": ("integrationmatcher", "Integration matcher"),
    "Inventory": ("inventory", "Inventory"),
    "Project": ("project", "Project"),
    "ProjectUser": ("user", "User"),
    "ProjectView": ("view", "View"),
    "Repository": ("repository", "Repository"),
    "Schedule": ("schedule", "Schedule"),
    "Task": ("task", "Task"),
    "TaskTemplate": ("template", "Template"),
    "User": ("user", "User"),
}
LIMIT = 200
OF_ACCOUNT = 20


def record(
    project_id: int | None, actor: User | None, obj: Any, verb: str, *, name: str = ""
) -> None:
    """Add that `actor` (none: the server itself) did something to an object.

    `verb` completes the sentence "Repository web …"; the object must have its id. That of an app
    is a word, which is its name here.
    """
    kind, title = KINDS[obj.__class__.__name__]  # also of the proxy current_user
    shown = name or getattr(obj, "name", "") or f"ID {obj.id}"
    db.session.add(
        Event(
            project_id=project_id,
            user_id=actor.id if actor else None,
            object_type=kind,
            object_id=None if isinstance(obj.id, str) else obj.id,
            object_name=shown[:255],
            description=f"{title} {shown} {verb}",
        )
    )


def list_for(project: Project) -> list[Event]:
    """What happened in a project, the newest 200."""
    return _newest(select(Event).filter_by(project_id=project.id))


def list_for_user(user: User) -> list[Event]:
    """What happened in all projects of a user, and what the user did: the newest 200.

    What became of the account itself is not among it: clients look for objects of projects.
    """
    joined = select(ProjectUser.project_id).filter_by(user_id=user.id)
    is_own = (Event.object_type == KINDS["User"][0]) & (Event.object_id == user.id)
    theirs = Event.project_id.in_(joined) | ((Event.user_id == user.id) & not_(is_own))
    return _newest(select(Event).where(Event.id >= _oldest_of_newest(user), theirs))


def _oldest_of_newest(user: User) -> Any:
    """An id below which no event is among the newest: one project alone has enough above it."""
    ids = select(Event.id).where(Event.project_id == ProjectUser.project_id)
    ids = ids.order_by(Event.id.desc()).offset(LIMIT - 1).limit(1).correlate(ProjectUser)
    found = select(func.max(ids.scalar_subquery())).where(ProjectUser.user_id == user.id)
    return func.coalesce(found.scalar_subquery(), 0)


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


def of_account(user: User) -> list[Event]:
    """What happened to an account, newest first: passwords, tokens, rights."""
    query = select(Event).options(joinedload(Event.user))
    query = query.filter_by(project_id=None, object_type=KINDS["User"][0], object_id=user.id)
    return list(db.session.scalars(query.order_by(Event.id.desc()).limit(OF_ACCOUNT)))


def last_of(obj: Any) -> Event | None:
    """Who did something to an object (of a project, or a user) last, and when."""
    kind, _ = KINDS[type(obj).__name__]
    project_id = getattr(obj, "project_id", None)
    query = select(Event).options(joinedload(Event.user))
    query = query.filter_by(project_id=project_id, object_type=kind, object_id=obj.id)
    return db.session.scalar(query.order_by(Event.id.desc()).limit(1))


def _newest(query: Any) -> list[Event]:
    query = query.options(joinedload(Event.project), joinedload(Event.user))
    return list(db.session.scalars(query.order_by(Event.id.desc()).limit(LIMIT)))

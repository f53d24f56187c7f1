"""The activity of a project as people look at it: filtered, newest first, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.db import db, transaction
from app.models import Event, Project, Task, User
from app.services import keyset, run_starters
from app.services.events import KINDS

COLUMNS = ("time", "user", "object", "id", "name", "what")
PART = 1000


@dataclass(frozen=True)
class Search:
    """What is looked for; empty means everything."""

    text: str = ""  # in the sentence
    kind: str = ""  # of the object, one of kinds()
    user_id: int | None = None


@dataclass(frozen=True)
class Page:
    """Some events, newest first; `members` has the names of the users that they are about, `runs`
    by the event's id the run whose start it tells, where no person has started that."""

    events: keyset.Rows[Event]
    total: int
    members: dict[int, str]
    runs: dict[int, Task]


def find(
    project: Project, search: Search, *, before: int | None = None, after: int | None = None
) -> Page:
    """The newest events, or those next to an id: older than `before`, or newer than `after`."""
    query = _matching(project, search)
    shown = query.options(joinedload(Event.user))
    found = keyset.find(shown, Event, before=before, after=after)
    about = [event.object_id for event in found.rows if event.object_type == "user"]
    names = select(User.id, User.name).where(User.id.in_(about))
    members = {row[0]: row[1] for row in db.session.execute(names)} if about else {}
    runs = run_starters.of_events(found.rows)
    return Page(found, keyset.count(query, Event), members, runs)


def every(project: Project, search: Search) -> Iterator[tuple[Any, ...]]:
    """All that match, newest first, as COLUMNS: for a file.

    They are read in parts, each in a transaction of its own: call it outside of one.
    """
    query = _matching(project, search).options(joinedload(Event.user))
    query = query.order_by(Event.id.desc()).limit(PART)
    while True:
        with transaction(write=False):
            events = db.session.scalars(query).all()
            runs = run_starters.of_events(events)
            rows = [_cells(event, runs.get(event.id)) for event in events]
        yield from rows
        if len(rows) < PART:
            return
        query = query.where(Event.id < events[-1].id)


def _cells(event: Event, run: Task | None) -> tuple[Any, ...]:
    """COLUMNS of an event; `run` is that whose start it tells, where no person has started it."""
    user = event.user.username if event.user else run.started_by if run else None
    kind, number, name = event.object_type, event.object_id, event.object_name
    return event.created, user, kind, number, name, event.description


def kinds() -> list[tuple[str, str]]:
    """What events can be about: the word and what it is called."""
    return sorted({word: title for word, title in KINDS.values()}.items(), key=lambda kind: kind[1])


def _matching(project: Project, search: Search) -> Select[Any]:
    query = select(Event).where(Event.project_id == project.id)
    if search.kind:
        query = query.where(Event.object_type == search.kind)
    if search.user_id is not None:
        query = query.where(Event.user_id == search.user_id)
    if search.text:
        query = query.where(Event.description.icontains(search.text, autoescape=True))
    return query

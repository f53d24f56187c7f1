"""Who or what has started runs: a person, a schedule, an integration."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.db import db
from app.models import Event, Integration, Schedule, Task

# What a list of runs loads with them; most have been started by people.
STARTERS = (
    joinedload(Task.user),
    selectinload(Task.schedule).load_only(Schedule.name),
    selectinload(Task.integration).load_only(Integration.name),
)
QUEUED = " queued for running"  # how an event ends that a run has begun with


def of_events(events: Iterable[Event]) -> dict[int, Task]:
    """The run, by the event's id, of each event that tells its start and that no person started."""
    told = {
        event.id: event.object_id
        for event in events
        if event.object_type == "task" and not event.user_id and event.description.endswith(QUEUED)
    }
    if not told:
        return {}
    query = select(Task).where(Task.id.in_(set(told.values()))).options(*STARTERS)
    runs = {task.id: task for task in db.session.scalars(query) if task.started_by}
    return {event_id: runs[run_id] for event_id, run_id in told.items() if run_id in runs}

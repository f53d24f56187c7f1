"""The run that a schedule makes: at most one for each time that it is due, and for each commit.

That it was due is a row of its own, stored in one transaction with the run: whatever dies, either
both are there or none.
"""

from datetime import datetime

from sqlalchemy import select

from app.db import db
from app.errors import DomainError
from app.models import Schedule, ScheduleFire
from app.schemas.schedules import RUN_AT
from app.services import events, schedules, tasks


def hold(schedule_id: int) -> Schedule | None:
    """The schedule as it is now, kept to this transaction; none if it has been deleted."""
    query = select(Schedule).where(Schedule.id == schedule_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def start(schedule: Schedule, at: datetime, *, commit: str | None = None) -> bool:
    """Start the run for a time, or a commit, once; or note why it cannot start.

    The schedule is held. Returns whether there is a run.
    """
    if _is_done(schedule, at, commit):
        return False
    last, fire = last_of(schedule), _add(schedule, at)
    try:
        with db.session.begin_nested():
            task = tasks.start(
                schedule.project, schedules.parameters(schedule), actor=None, by_editor=True
            )
            task.schedule_id = schedule.id
            fire.task_id, fire.commit_hash = task.id, commit
    except DomainError as error:
        fire.task_id = fire.commit_hash = None
        _tell(schedule, fire, last, f"could not start a run: {error}", str(error))
        return False
    if schedule.type == RUN_AT and schedule.delete_after_run:
        events.record(schedule.project_id, None, schedule, "deleted after its run")
        db.session.delete(schedule)
    return True


def note(schedule: Schedule, at: datetime, reason: str) -> None:
    """Store why there is no run for a time. The schedule is held."""
    if not _is_done(schedule, at, None):
        last, fire = last_of(schedule), _add(schedule, at)
        _tell(schedule, fire, last, f"made no run: {reason}", reason)


def last_of(schedule: Schedule) -> ScheduleFire | None:
    """When it was due last, and what came of it."""
    query = select(ScheduleFire).filter_by(schedule_id=schedule.id)
    return db.session.scalar(query.order_by(ScheduleFire.fire_time.desc()).limit(1))


def _is_done(schedule: Schedule, at: datetime, commit: str | None) -> bool:
    same = ScheduleFire.fire_time == at
    if commit is not None:
        same |= ScheduleFire.commit_hash == commit
    query = select(ScheduleFire.id).where(ScheduleFire.schedule_id == schedule.id, same)
    return db.session.scalar(query.limit(1)) is not None


def _add(schedule: Schedule, at: datetime) -> ScheduleFire:
    fire = ScheduleFire(schedule_id=schedule.id, fire_time=at)
    db.session.add(fire)
    db.session.flush()  # Two who start the same are told apart here, before there is a run.
    return fire


def _tell(
    schedule: Schedule, fire: ScheduleFire, last: ScheduleFire | None, verb: str, reason: str
) -> None:
    """The activity tells it once, not every minute for the same reason."""
    fire.reason = reason
    if last is None or last.reason != reason:
        events.record(schedule.project_id, None, schedule, verb)

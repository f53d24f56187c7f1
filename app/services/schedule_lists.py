"""Schedules as pages show them: with what came of each the last time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.clock import utcnow
from app.db import db
from app.lib import cron_words
from app.models import Project, Schedule, ScheduleFire, TaskTemplate
from app.schemas.schedules import RUN_AT
from app.services import schedule_times, schedules

SHOWN = 20  # times of one schedule
UPCOMING = 8  # schedules of the overview


@dataclass(frozen=True)
class Row:
    """A schedule, what it says in words, and when it was due last."""

    schedule: Schedule
    last: ScheduleFire | None

    @property
    def sentence(self) -> str:
        return say(self.schedule)

    @property
    def name(self) -> str:
        return self.schedule.name or self.sentence

    @property
    def zone(self) -> ZoneInfo:
        return schedule_times.zone_of(self.schedule)

    @property
    def why_never(self) -> str:
        """Why it is not due."""
        run_at = self.schedule.run_at
        if not self.schedule.active and not (run_at and run_at <= utcnow()):
            return "It is switched off"
        return why_never(self.schedule)


def say(schedule: schedule_times.Timed) -> str:
    """When it is due, in words."""
    if schedule.type != RUN_AT:
        return cron_words.say(schedule.cron_format)
    if schedule.run_at is None:
        return "Never"
    return (
        f"Once, on {schedule.run_at.astimezone(schedule_times.zone_of(schedule)):%-d %b %Y %H:%M}"
    )


def why_never(schedule: schedule_times.Timed) -> str:
    """Why one that is switched on is never due."""
    if schedule.type == RUN_AT:
        return "Its time has passed"
    return "There is no such time within nine years"


def find(project: Project, *, template: TaskTemplate | None = None) -> list[Row]:
    """All of a project, or a template: what is due next comes first, what is off last."""
    rows = _with_last(schedules.list_for(project, template=template))
    return sorted(rows, key=lambda row: _moment(row.schedule))


def one(schedule: Schedule) -> Row:
    return _with_last([schedule])[0]


def upcoming(project: Project) -> list[Row]:
    """What is due next."""
    query = select(Schedule).where(Schedule.project_id == project.id, Schedule.next_at.is_not(None))
    query = query.options(joinedload(Schedule.template))
    found = db.session.scalars(query.order_by(Schedule.next_at, Schedule.id).limit(UPCOMING))
    return [Row(schedule, None) for schedule in found]


def history(schedule: Schedule) -> list[ScheduleFire]:
    """When it was due, newest first, with the runs."""
    query = select(ScheduleFire).filter_by(schedule_id=schedule.id)
    query = query.options(joinedload(ScheduleFire.task))
    return list(db.session.scalars(query.order_by(ScheduleFire.fire_time.desc()).limit(SHOWN)))


def _with_last(found: Iterable[Schedule]) -> list[Row]:
    found = list(found)
    newest = select(ScheduleFire.id).where(ScheduleFire.schedule_id == Schedule.id)
    newest = newest.order_by(ScheduleFire.fire_time.desc()).limit(1).correlate(Schedule)
    ids = select(newest.scalar_subquery()).where(Schedule.id.in_([one.id for one in found]))
    last = db.session.scalars(ids).all()
    query = select(ScheduleFire).where(ScheduleFire.id.in_([row for row in last if row]))
    fires = db.session.scalars(query.options(joinedload(ScheduleFire.task)))
    by_schedule = {fire.schedule_id: fire for fire in fires}
    return [Row(schedule, by_schedule.get(schedule.id)) for schedule in found]


def _moment(schedule: Schedule) -> tuple[bool, float, int]:
    at: datetime | None = schedule.next_at
    return at is None, at.timestamp() if at else 0.0, schedule.id

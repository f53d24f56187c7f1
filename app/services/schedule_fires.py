"""What is due now: called every second by the one keeper that does the rounds.

Nothing is remembered between two calls. A schedule says when it is due next; who finds that this
has come holds its row, starts what is due and moves the time on, all in one transaction. Two who
try at once make one run, and who dies in between leaves everything to the next.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.clock import utcnow
from app.db import db, transaction
from app.errors import DomainError
from app.models import Schedule, ScheduleFire
from app.schemas.schedules import RUN_AT
from app.services import probes, schedule_starts, schedule_times

logger = logging.getLogger(__name__)

LATE = timedelta(seconds=60)  # what is due for longer was missed: no worker ran
MOST = 100  # runs that are made up for
AT_ONCE = 200  # schedules of one look
KEPT = timedelta(days=7)  # that it was due without a new commit is kept for so long
LOOK = "head"


@dataclass
class Plan:
    """The times that get a run, and those that do not because they were missed."""

    runs: list[datetime]
    missed: list[datetime] = field(default_factory=list)


def _skip(late: list[datetime], fresh: list[datetime]) -> Plan:
    return Plan(fresh, late)


def _once(late: list[datetime], fresh: list[datetime]) -> Plan:
    """A run that is due now stands for those that were missed."""
    runs = fresh or late[-1:]
    return Plan(runs, [moment for moment in late if moment not in runs])


def _all(late: list[datetime], fresh: list[datetime]) -> Plan:
    every = late + fresh
    return Plan(every[-MOST:], every[:-MOST])


# What becomes of missed times, as a schedule's `missed` says.
POLICIES: dict[str, Callable[[list[datetime], list[datetime]], Plan]] = {
    "skip": _skip,
    "once": _once,
    "all": _all,
}


def fire_due(now: datetime | None = None) -> int:
    """Start what is due; returns how many schedules were. Opens transactions of its own."""
    now = now or utcnow()
    query = select(Schedule.id).where(Schedule.next_at <= now)
    with transaction(write=False):
        found = db.session.scalars(query.order_by(Schedule.next_at, Schedule.id).limit(AT_ONCE))
        due = list(found)
    for schedule_id in due:
        try:
            with transaction():
                _fire(schedule_id, now)
        except DomainError as error:  # the database is busy: the next look comes in a second
            logger.warning("a schedule waits", extra={"id": schedule_id, "error": str(error)})
    return len(due)


def forget_the_old() -> None:
    """Delete what was due long ago, but for the last time of each schedule and its commits."""
    newer = aliased(ScheduleFire)
    last = select(func.max(newer.fire_time)).where(newer.schedule_id == ScheduleFire.schedule_id)
    old = select(ScheduleFire.id).where(
        ScheduleFire.created < utcnow() - KEPT,
        ScheduleFire.commit_hash.is_(None),
        ScheduleFire.fire_time < last.scalar_subquery(),
    )
    ids = db.session.scalars(old.limit(10_000)).all()
    db.session.execute(delete_rows(ScheduleFire).where(ScheduleFire.id.in_(ids)))


def _fire(schedule_id: int, now: datetime) -> None:
    schedule = schedule_starts.hold(schedule_id)
    if schedule is None or schedule.next_at is None or schedule.next_at > now:
        return  # somebody else was first
    first = schedule.next_at
    due = schedule_times.due(schedule, first, now, 2 * MOST)
    schedule.next_at = schedule_times.after(schedule, due[-1] if due else now)
    if schedule.type == RUN_AT:
        schedule.active = False  # its one time is over
    if schedule.repository_id:
        probes.ask(LOOK, schedule, again=True)  # it starts the run if there is a new commit
    elif due:
        late = [moment for moment in due if now - moment > LATE]
        _carry_out(schedule, POLICIES[schedule.missed](late, due[len(late) :]), first)


def _carry_out(schedule: Schedule, plan: Plan, first: datetime) -> None:
    """The last missed time stands for all from the first on: a year of minutes is one row."""
    if plan.missed:
        schedule_starts.note(schedule, plan.missed[-1], _missed(len(plan.missed), first))
    for moment in plan.runs:
        schedule_starts.start(schedule, moment)


def _missed(count: int, first: datetime) -> str:
    if count == 1:
        return "missed, because no worker ran then"
    times = f"{count}" if count <= MOST else f"more than {MOST}"
    return f"missed {times} times, because no worker ran since {first:%Y-%m-%d %H:%M} UTC"

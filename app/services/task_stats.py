"""How many runs a day brought, how they ended, and how long they took."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from app.db import db
from app.lib.sql_seconds import seconds_between
from app.lib.utc_day import utc_day
from app.models import Project, Task, TaskTemplate


@dataclass(frozen=True)
class Wanted:
    """Which runs count: those made from `start` to `end`, both included (days in UTC; None: any),
    and with `user_id` those that one user has started."""

    start: date | None = None
    end: date | None = None
    user_id: int | None = None


@dataclass
class DayStats:
    """One day in UTC. `avg_duration`: whole seconds of those runs that have ended."""

    date: str
    count_by_status: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    ended: int = 0

    @property
    def avg_duration(self) -> int:
        return round(self.seconds / self.ended) if self.ended else 0


def by_day(
    project: Project, wanted: Wanted, template: TaskTemplate | None = None
) -> list[DayStats]:
    """The days that had runs, oldest first."""
    found: dict[str, DayStats] = {}
    rows = db.session.execute(_query(project, wanted, template))
    for when, status, count, ended, seconds in rows:
        day = found.setdefault(str(when), DayStats(str(when), defaultdict(int)))
        day.count_by_status[status] += count
        day.ended += ended
        day.seconds += float(seconds or 0)
    return list(found.values())


def _query(
    project: Project, wanted: Wanted, template: TaskTemplate | None
) -> Select[Any, str, int, int, float]:
    day, took = utc_day(Task.created), seconds_between(Task.start, Task.end)
    query = (
        select(day, Task.status, func.count(), func.count(took), func.sum(took))
        .where(Task.project_id == project.id)
        .group_by(day, Task.status)
        .order_by(day, Task.status)
    )
    if template is not None:
        query = query.where(Task.template_id == template.id)
    if wanted.user_id is not None:
        query = query.where(Task.user_id == wanted.user_id)
    if wanted.start is not None:
        query = query.where(Task.created >= _midnight(wanted.start))
    if wanted.end is not None:
        query = query.where(Task.created < _midnight(wanted.end + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

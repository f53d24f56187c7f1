"""What is due on days on which clocks are put forward and back, looked at now and then."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.db import db
from app.lib.cron import Cron, parse
from app.lib.zones import zone
from app.models import Schedule, ScheduleFire, Task, User
from app.services import schedule_fires
from tests import factories
from tests.lib.wall_clock import DAYS, MINUTE, field, watched

WINDOW = timedelta(hours=16)
# Few times of an hour, so that runs are few; the hours in which clocks are changed, or any.
MINUTES = st.sets(st.integers(0, 59), min_size=1, max_size=2)
LINES = st.tuples(MINUTES, st.one_of(st.just("*"), field(0, 3), field(0, 23)))
LOOKS = st.lists(st.integers(1, 50), min_size=20, max_size=20)  # minutes from one to the next


@pytest.mark.parametrize(("where", "day"), DAYS)
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=LINES, looks=LOOKS)
def test_each_time_makes_one_run_however_seldom_the_clock_is_looked_at(
    app: Flask, cast: dict[str, User], where: str, day: str, line: tuple[set[int], str],
    looks: list[int],
) -> None:  # fmt: skip
    text = f"{','.join(map(str, sorted(line[0])))} {line[1]} * * *"
    middle = datetime.fromisoformat(day).replace(tzinfo=zone(where)).astimezone(UTC)
    start, end = middle - WINDOW / 2, middle + WINDOW / 2
    schedule = made(text, where, start)
    for minutes in accumulate(looks):
        schedule_fires.fire_due(min(end, start + minutes * MINUTE))
        assert schedule_fires.fire_due(min(end, start + minutes * MINUTE)) == 0
    schedule_fires.fire_due(end)
    rhythm = parse(text)
    assert isinstance(rhythm, Cron)
    expected = list(watched(rhythm, where, start, end))
    query = select(ScheduleFire.fire_time, Task.schedule_id).join(ScheduleFire.task)
    found = db.session.execute(
        query.where(ScheduleFire.schedule_id == schedule.id).order_by(ScheduleFire.fire_time)
    )
    assert [tuple(row) for row in found] == [(moment, schedule.id) for moment in expected]
    switch_off(schedule)


def made(text: str, where: str, start: datetime) -> Schedule:
    """A schedule that was switched on when the clock showed `start`; what is missed is made up."""
    template = factories.template(factories.project())
    row = factories.schedule(template, cron_format=text, timezone=where, missed="all", active=True)
    row.next_at = parse(text).after(start, zone(where))
    factories.save()
    return row


def switch_off(schedule: Schedule) -> None:
    """The next example has a clock of its own."""
    row = db.session.get_one(Schedule, schedule.id)
    row.active, row.next_at = False, None
    factories.save()

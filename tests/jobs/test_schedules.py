"""Schedules are kept by real processes: each time makes one run, whoever dies."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.clock import utcnow
from app.db import db, transaction
from app.models import Event, Schedule, ScheduleFire, Task
from app.schemas.schedules import ScheduleIn
from app.services import schedules
from tests import factories
from tests.jobs.conftest import ROOT, finishes, until

pytestmark = [pytest.mark.processes]

TIMES = 1000
AHEAD = 40  # minutes that the clock may be ahead of the loops; 100 are made up for
START = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)


class Loops:
    """Two processes that start what is due by one clock; one that has died is started again."""

    def __init__(self, app: Flask, folder: Path) -> None:
        config = app.config["HELIOGRAPH"]
        database = config.DATABASE_URL or f"sqlite:///{config.DATA_DIR}/heliograph.db"
        self.clock = folder / "clock"
        self.set(START)
        given = (database, config.REDIS_URL, str(config.DATA_DIR), str(self.clock))
        self._command = [sys.executable, "-m", "tests.jobs.scheduler_process", *given]
        self.deaths = 0
        self.both = [self._start(), self._start()]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT)

    def set(self, moment: datetime) -> None:
        """Whoever reads it sees a whole time."""
        other = self.clock.with_suffix(".new")
        other.write_text(moment.isoformat())
        other.rename(self.clock)

    def tend(self) -> None:
        for place, process in enumerate(self.both):
            if process.poll() is not None:
                assert process.returncode == -9, "one has failed by itself"
                self.deaths += 1
                self.both[place] = self._start()

    def kill_one(self) -> None:
        random.choice(self.both).kill()

    def end(self) -> None:
        self.clock.write_text("")
        for process in self.both:
            process.wait(20)


@pytest.fixture
def loops(app: Flask, tmp_path: Path) -> Iterator[Loops]:
    started = Loops(app, tmp_path)
    yield started
    started.end()


def last_fire() -> datetime:
    with transaction(write=False):
        return db.session.scalar(select(func.max(ScheduleFire.fire_time))) or START


@pytest.mark.timeout(300)
def test_a_thousand_times_with_two_loops_that_are_killed_make_a_thousand_runs(
    project, loops: Loops
) -> None:
    """Also where clocks are put forward in between: the line has no hour."""
    schedule = factories.schedule(
        factories.template(project), active=True, missed="all", cron_format="* * * * *",
        timezone="Europe/Berlin", next_at=START + timedelta(minutes=1),
    )  # fmt: skip
    last = START + timedelta(minutes=TIMES)
    now, kill_at = START, time.monotonic() + 3
    while (done := last_fire()) < last:
        now = min(last, max(now, done) + timedelta(minutes=1), done + timedelta(minutes=AHEAD))
        loops.set(now)
        loops.tend()
        if time.monotonic() > kill_at:
            loops.kill_one()
            kill_at = time.monotonic() + random.uniform(3, 8)
        time.sleep(0.005)
    with transaction(write=False):
        fires = db.session.scalars(
            select(ScheduleFire).filter_by(schedule_id=schedule.id).order_by(ScheduleFire.fire_time)
        ).all()
        tasks = db.session.scalars(select(Task.id)).all()
        events = db.session.scalar(select(func.count(Event.id)))
    assert [fire.fire_time for fire in fires] == [
        START + timedelta(minutes=n + 1) for n in range(TIMES)
    ]
    assert sorted(fire.task_id or 0 for fire in fires) == sorted(tasks)
    assert len(tasks) == events == TIMES
    assert loops.deaths > 0


def make(project, template, **given) -> Schedule:
    values = {"template_id": template.id, "name": "Often", "active": True} | given
    with transaction():
        return schedules.create(project, ScheduleIn.model_validate(values), actor=None)


def run_of(schedule: Schedule) -> Task | None:
    return db.session.scalar(select(Task).filter_by(schedule_id=schedule.id).order_by(Task.id))


def test_a_worker_starts_what_is_due_and_heeds_a_change_at_once(project, worker, script) -> None:
    template = script("echo hello", allow_parallel_tasks=True)
    schedule = make(project, template, cron_format="@every 1h")
    time.sleep(1)
    assert run_of(schedule) is None
    data = {"template_id": template.id, "active": True, "cron_format": "@every 1s"}
    with transaction():
        schedules.update(project, schedule.id, ScheduleIn.model_validate(data), actor=None)
    changed = utcnow()
    task = finishes(until(lambda: run_of(schedule)))
    assert (task.status, task.user_id) == ("success", None)
    assert task.created - changed < timedelta(seconds=30)  # not in an hour; machines may be busy
    with transaction():
        schedules.set_active(project, schedule.id, False, actor=None)
    off = utcnow()
    time.sleep(2)
    with transaction(write=False):
        newest = db.session.scalar(select(func.max(Task.created)))
    assert newest <= off


def test_a_worker_starts_a_run_for_a_new_commit(project, worker, script) -> None:
    template = script("echo hello")
    path = template.repository.git_url.removeprefix("file://")
    schedule = make(
        project, template, cron_format="@every 1s", repository_id=template.repository_id
    )
    seen = until(lambda: db.session.get_one(Schedule, schedule.id).last_commit_hash)
    assert seen == factories.git("rev-parse", "main", cwd=Path(path))
    assert run_of(schedule) is None
    factories.git("commit", "-q", "--allow-empty", "-m", "Second", cwd=Path(path))
    task = finishes(until(lambda: run_of(schedule)))
    pushed = factories.git("rev-parse", "main", cwd=Path(path))
    assert (task.status, task.commit_hash) == ("success", pushed)
    time.sleep(2)
    with transaction(write=False):
        fires = db.session.scalars(select(ScheduleFire.commit_hash)).all()
    assert fires == [pushed]

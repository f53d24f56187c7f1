"""What is due is started once, whatever happens in between."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.db import db, transaction
from app.models import Event, Removal, Schedule, ScheduleFire, Task
from app.services import health, schedule_fires
from tests import factories

MINUTE = timedelta(minutes=1)
T = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def template(project):
    return factories.template(project)


def due(template, at: datetime = T, **values) -> Schedule:
    return factories.schedule(template, **{"active": True, "next_at": at} | values)


def fires(schedule: Schedule) -> list[tuple[datetime, bool, str | None]]:
    query = select(ScheduleFire).filter_by(schedule_id=schedule.id)
    rows = db.session.scalars(query.order_by(ScheduleFire.fire_time))
    return [(row.fire_time, row.task_id is not None, row.reason) for row in rows]


def runs() -> int:
    return db.session.scalar(select(func.count(Task.id))) or 0


def said() -> list[str]:
    return list(db.session.scalars(select(Event.description).order_by(Event.id)))


def test_what_is_due_runs_and_is_due_again(template) -> None:
    schedule = due(template)
    assert schedule_fires.fire_due(T - MINUTE) == 0
    assert schedule_fires.fire_due(T) == 1
    task = db.session.scalars(select(Task)).one()
    assert (task.schedule_id, task.user_id, task.template_id) == (schedule.id, None, template.id)
    assert fires(schedule) == [(T, True, None)]
    assert schedule.next_at == T + timedelta(days=1)
    assert schedule_fires.fire_due(T + MINUTE) == 0
    assert said() == [f"Task Hello #{task.id} queued for running"]


def test_parameters_reach_the_run(project) -> None:
    template = factories.template(project, allow_override_branch_in_task=True)
    due(template, task_params={"git_branch": "v2", "message": "by night"})
    schedule_fires.fire_due(T)
    task = db.session.scalars(select(Task)).one()
    assert (task.git_branch, task.message) == ("v2", "by night")


def test_a_time_that_was_done_is_not_done_again(template) -> None:
    schedule = due(template)
    schedule_fires.fire_due(T)
    schedule.next_at = T  # somebody set the clock back, or restored the row
    factories.save()
    assert schedule_fires.fire_due(T) == 1
    assert runs() == 1
    assert schedule.next_at == T + timedelta(days=1)


def test_what_fails_in_between_leaves_all_to_the_next(template, monkeypatch) -> None:
    schedule = due(template)
    with monkeypatch.context() as broken:
        broken.setattr("app.services.schedule_times.after", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            schedule_fires.fire_due(T)
    assert (runs(), fires(schedule)) == (0, [])
    schedule_fires.fire_due(T + MINUTE)
    assert (runs(), fires(schedule)) == (1, [(T, True, None)])


MISSED = "missed 3 times, because no worker ran since 2026-03-01 02:00 UTC"


@pytest.mark.parametrize(
    ("missed", "minutes", "expected"),
    [
        ("skip", 2.5, [(T + MINUTE, False), (T + 2 * MINUTE, True)]),
        ("once", 2.5, [(T + MINUTE, False), (T + 2 * MINUTE, True)]),
        ("all", 2.5, [(T, True), (T + MINUTE, True), (T + 2 * MINUTE, True)]),
        ("skip", 0.5, [(T, True)]),
    ],
)
def test_missed_times_of_what_is_due_each_minute(template, missed, minutes, expected) -> None:
    schedule = due(template, cron_format="* * * * *", missed=missed)
    schedule_fires.fire_due(T + timedelta(minutes=minutes))
    assert [fire[:2] for fire in fires(schedule)] == expected


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ("skip", [(T + timedelta(days=2), False, MISSED)]),
        (
            "once",
            [
                (T + timedelta(days=1), False, MISSED.replace("3 times", "2 times")),
                (T + timedelta(days=2), True, None),
            ],
        ),
        ("all", [(T + timedelta(days=n), True, None) for n in range(3)]),
    ],
)
def test_missed_nights(template, missed, expected) -> None:
    schedule = due(template, missed=missed)
    schedule_fires.fire_due(T + timedelta(days=2, hours=6))
    assert fires(schedule) == expected
    assert schedule.next_at == T + timedelta(days=3)


def test_no_more_than_a_hundred_runs_are_made_up_for(template) -> None:
    schedule = due(template, cron_format="* * * * *", missed="all")
    schedule_fires.fire_due(T + timedelta(days=400))
    assert runs() == 100
    first, *_ = fires(schedule)
    assert first[1] is False


def test_a_year_of_missed_minutes_is_one_row(template) -> None:
    schedule = due(template, cron_format="* * * * *")
    schedule_fires.fire_due(T + timedelta(days=365, seconds=90 * 60 + 30))
    (at, ran, reason), now = fires(schedule)
    assert (at, ran) == (now[0] - MINUTE, False)
    assert reason == "missed more than 100 times, because no worker ran since 2026-03-01 02:00 UTC"
    assert now[1:] == (True, None)


def test_one_time_runs_once(template) -> None:
    schedule = due(template, type="run_at", cron_format="", run_at=T)
    schedule_fires.fire_due(T)
    assert (runs(), schedule.next_at, schedule.active) == (1, None, False)


def test_one_time_that_was_missed_is_not_silent(template) -> None:
    schedule = due(template, type="run_at", cron_format="", run_at=T)
    schedule_fires.fire_due(T + timedelta(hours=1))
    assert fires(schedule) == [(T, False, "missed, because no worker ran then")]
    assert said() == ["Schedule Nightly made no run: missed, because no worker ran then"]


def test_one_time_goes_after_its_run_and_leaves_its_trace(template) -> None:
    schedule = due(template, type="run_at", cron_format="", run_at=T, delete_after_run=True)
    schedule_fires.fire_due(T)
    assert db.session.scalars(select(Schedule)).all() == []
    assert db.session.scalars(select(ScheduleFire)).all() == []
    assert db.session.scalars(select(Task)).one().schedule_id == schedule.id
    assert said()[-1] == "Schedule Nightly deleted after its run"


def test_what_cannot_start_says_why_once_and_is_due_again(project, template) -> None:
    schedule = due(template, cron_format="* * * * *", task_params={"git_branch": "v2"})
    for minute in range(3):
        schedule_fires.fire_due(T + minute * MINUTE)
    reason = "git_branch: This template does not allow to change it"
    assert fires(schedule) == [(T + n * MINUTE, False, reason) for n in range(3)]
    assert said() == [f"Schedule Nightly could not start a run: {reason}"]
    assert runs() == 0


def test_a_template_that_is_being_deleted_and_a_full_disk(project, template, monkeypatch) -> None:
    schedule = due(template, cron_format="* * * * *")
    monkeypatch.setattr(health, "has_room", lambda: False)
    schedule_fires.fire_due(T)
    monkeypatch.undo()
    with transaction():
        db.session.add(Removal(project_id=project.id, template_id=template.id))
    schedule_fires.fire_due(T + MINUTE)
    full, gone = (reason for *_, reason in fires(schedule))
    assert full == health.DISK_FULL
    assert gone == "Hello is being deleted; no run of it can start"


def test_one_that_fails_keeps_no_other_from_running(project, template) -> None:
    due(template, task_params={"git_branch": "v2"})
    good = due(template, name="Good")
    schedule_fires.fire_due(T)
    assert db.session.scalars(select(Task)).one().schedule_id == good.id


def test_what_was_switched_off_meanwhile_does_not_run(template) -> None:
    schedule = due(template, next_at=None)
    schedule_fires.fire_due(T)
    assert fires(schedule) == []


def test_a_repository_is_looked_at_instead(template) -> None:
    schedule = due(template, repository_id=template.repository_id)
    schedule_fires.fire_due(T)
    assert (fires(schedule), runs()) == ([], 0)
    assert schedule.next_at == T + timedelta(days=1)


def test_old_times_are_forgotten_but_the_last_and_commits(template) -> None:
    schedule = due(template)
    long_ago = T - timedelta(days=100)
    rows = [
        ScheduleFire(schedule_id=schedule.id, fire_time=T + n * MINUTE, created=long_ago)
        for n in range(3)
    ]
    rows[0].commit_hash = "a" * 40
    with transaction():
        db.session.add_all(rows)
    with transaction():
        schedule_fires.forget_the_old()
    assert [fire[0] for fire in fires(schedule)] == [T, T + 2 * MINUTE]

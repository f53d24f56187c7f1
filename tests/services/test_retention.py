"""What retention deletes, and above all what it does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.clock import utcnow
from app.db import db
from app.models import Task, TaskArtifact, TaskChunk, TaskStatus, TaskTemplate
from app.services import retention
from app.services.retention import Counts
from tests import factories

S = TaskStatus


@pytest.fixture
def keep(app, monkeypatch):
    """Change the settings: keep(KEEP_RUNS_DAYS=3)."""

    def change(**values: int) -> None:
        monkeypatch.setitem(app.config, "HELIOGRAPH", replace(app.config["HELIOGRAPH"], **values))

    return change


@pytest.fixture
def template(project) -> TaskTemplate:
    return factories.template(project)


def run(template: TaskTemplate, days: int = 0, size: int = 0, **values: Any) -> Task:
    """A run that ended some days ago, with so many bytes of log."""
    given = {"status": S.SUCCESS, "end": utcnow() - timedelta(days=days), "line_count": 1}
    task = factories.task(template, **given | values)
    times = {"first_ms": 0, "last_ms": 0, "marks": b""}
    chunk = {"task_id": task.id, "first_line": 0, "n_lines": 1, "raw_len": size}
    db.session.add(TaskChunk(**chunk, **times, data=b"x" * size))
    db.session.commit()
    return task


def left() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Task.id).order_by(Task.id)))


def with_log() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(TaskChunk.task_id).order_by(TaskChunk.task_id)))


def ids(*tasks: Task) -> list[int]:
    return [task.id for task in tasks]


def test_without_settings_nothing_is_deleted(template) -> None:
    old = run(template, days=10_000)
    assert retention.expired() == retention.apply() == Counts()
    assert left() == with_log() == ids(old)


def test_of_each_template_the_newest_are_kept(project, template, keep) -> None:
    mine = [run(template) for _ in range(5)]
    other = run(factories.template(project, "Other"))
    keep(MAX_TASKS_PER_TEMPLATE=2)
    assert retention.expired() == Counts(runs=3)
    assert len(left()) == 6, "a dry run has deleted something"
    assert retention.apply() == Counts(runs=3)
    assert left() == with_log() == ids(*mine[3:], other)


def test_what_has_not_finished_neither_counts_nor_goes(template, keep) -> None:
    old, kept = run(template), run(template)
    active = [factories.task(template, status=status) for status in TaskStatus.unfinished()]
    keep(MAX_TASKS_PER_TEMPLATE=1)
    assert retention.apply() == Counts(runs=1)
    assert left() == ids(kept, *active) and old.id not in left()


@pytest.mark.parametrize("setting", ["KEEP_RUNS_DAYS", "MAX_TASKS_PER_TEMPLATE", "KEEP_LOGS_DAYS"])
def test_what_is_pinned_stays_with_its_log(template, keep, setting) -> None:
    pinned, newest = run(template, days=100, pinned=True), run(template)
    keep(**{setting: 1})
    assert retention.apply() == Counts()
    assert left() == with_log() == ids(pinned, newest)


def test_a_build_that_was_deployed_stays(template, keep) -> None:
    build, other = run(template, days=100), run(template, days=100)
    deploy = run(template, build_task_id=build.id)
    keep(KEEP_RUNS_DAYS=30)
    assert retention.apply() == Counts(runs=1)
    assert left() == ids(build, deploy) and other.id not in left()


def test_by_age_runs_go_with_their_logs(template, keep) -> None:
    old, young = run(template, days=31), run(template, days=29)
    keep(KEEP_RUNS_DAYS=30)
    assert retention.apply() == Counts(runs=1)
    assert left() == with_log() == ids(young) and old.id not in left()


def test_by_age_logs_go_and_runs_stay(template, keep) -> None:
    old, young = run(template, days=31), run(template, days=29)
    keep(KEEP_LOGS_DAYS=30)
    assert retention.expired() == Counts(logs=1)
    assert retention.apply() == Counts(logs=1)
    assert retention.apply() == Counts(), "it was counted twice"
    assert left() == ids(old, young) and with_log() == ids(young)
    assert db.session.get_one(Task, old.id).log_deleted_at


def test_by_size_the_oldest_logs_go(template, keep) -> None:
    first, second, third = (run(template, size=400_000) for _ in range(3))
    keep(KEEP_LOGS_MB=1)
    assert retention.apply() == Counts(logs=1)
    assert left() == ids(first, second, third) and with_log() == ids(second, third)


def test_the_log_of_a_run_that_works_is_never_taken(template, keep) -> None:
    running = run(template, size=3_000_000, status=S.RUNNING, end=None)
    keep(KEEP_LOGS_MB=1, KEEP_LOGS_DAYS=1, KEEP_RUNS_DAYS=1)
    assert retention.apply() == Counts()
    assert with_log() == ids(running)


def test_a_run_that_goes_is_not_counted_for_its_log(template, keep) -> None:
    run(template, days=50)
    keep(KEEP_RUNS_DAYS=30, KEEP_LOGS_DAYS=10)
    assert retention.expired() == Counts(runs=1)


def with_files(task: Task, megabytes: int = 1) -> Task:
    factories.artifact(task, "a", b"x" * megabytes * retention.MB)
    return task


def holders() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(TaskArtifact.task_id).order_by(TaskArtifact.task_id)))


def test_the_oldest_artifacts_make_room(template, keep) -> None:
    first, second, third = (with_files(run(template)) for _ in range(3))
    keep(ARTIFACTS_TOTAL_MB=2)
    assert retention.expired() == Counts(artifacts=1)
    assert holders() == ids(first, second, third), "a dry run has deleted something"
    assert retention.apply() == Counts(artifacts=1)
    assert holders() == ids(second, third) and left() == with_log() == ids(first, second, third)
    assert again(first).artifacts_deleted_at and not again(second).artifacts_deleted_at
    assert retention.apply() == Counts()


def again(task: Task) -> Task:
    return factories.again(Task, task.id)


def test_a_new_one_gets_the_room_that_it_wants(template, keep) -> None:
    first, second = with_files(run(template)), with_files(run(template))
    keep(ARTIFACTS_TOTAL_MB=2)
    assert retention.room_for_artifacts(0) == 0 and holders() == ids(first, second)
    assert retention.room_for_artifacts(1000) == retention.MB
    assert holders() == ids(second)


def test_those_that_somebody_wants_stay_and_then_there_is_no_room(template, keep) -> None:
    pinned = with_files(run(template, pinned=True))
    build = with_files(run(template))
    factories.task(template, status=S.SUCCESS, build_task_id=build.id)
    active = with_files(factories.task(template, status=S.RUNNING))
    keep(ARTIFACTS_TOTAL_MB=3)
    assert retention.room_for_artifacts(1) == 0
    assert holders() == ids(pinned, build, active)


def test_without_a_limit_there_is_room(template, keep) -> None:
    kept = with_files(run(template))
    keep(ARTIFACTS_TOTAL_MB=0)
    assert retention.room_for_artifacts(1 << 40) > 1 << 40 and holders() == ids(kept)

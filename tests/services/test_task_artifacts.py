"""The files of runs: stored as they are, by who holds the run, and gone with it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.clock import utcnow
from app.db import db
from app.errors import NotFound
from app.models import Project, Task, TaskArtifact, TaskArtifactPiece, TaskStatus
from app.services import retention, run_manifests, run_specs, task_artifacts, task_output, tasks
from app.services.run_manifests import Manifest
from app.services.task_artifacts import PIECE
from app.services.task_output_writer import TaskOutput
from app.services.task_reporter import TaskReporter
from app.services.task_states import Fenced
from tests import factories

S = TaskStatus


@pytest.fixture
def task(project: Project) -> Task:
    return factories.task(factories.template(project), status=S.RUNNING, claim="mine")


def read(row: TaskArtifact) -> bytes:
    return b"".join(task_artifacts.content(row.id))


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200), st.integers(0, 3))
def test_they_come_back_byte_for_byte(task: Task, end: bytes, pieces: int) -> None:
    content = b"\0" * (pieces * PIECE) + end
    row = factories.artifact(task, "a/b", content)
    assert read(row) == content and row.size == len(content)


def test_reading_one_holds_no_connection(task: Task) -> None:
    row_id = factories.artifact(task, "a", b"x" * (2 * PIECE)).id
    db.session.rollback()
    content = task_artifacts.content(row_id)
    next(content)
    assert not db.session().in_transaction()
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert sum(map(len, content)) == PIECE


def test_one_of_the_same_name_replaces_the_earlier(task: Task) -> None:
    for text in (b"one", b"two"):
        row = factories.artifact(task, "a", text)
    assert [one.id for one in task_artifacts.of(task)] == [row.id] and read(row) == b"two"


def test_who_no_longer_holds_the_run_stores_nothing(task: Task) -> None:
    with pytest.raises(Fenced):
        task_artifacts.keep(task.id, "theirs", "a", BytesIO(b"x"))
    assert task_artifacts.of(task) == []


def pieces() -> int:
    return db.session.scalar(select(func.count()).select_from(TaskArtifactPiece)) or 0


def test_they_go_with_the_run(project: Project, task: Task) -> None:
    factories.artifact(task, "a", b"x")
    task.status = S.SUCCESS
    db.session.commit()
    tasks.delete(project, task.id, actor=None)
    db.session.commit()
    assert pieces() == 0


def test_retention_takes_them_along(app, monkeypatch, task: Task) -> None:
    kept = factories.task(task.template, status=S.SUCCESS, end=utcnow())
    for one in (task, kept):
        factories.artifact(one, "a", b"x")
    task.status, task.end = S.SUCCESS, utcnow() - timedelta(days=9)
    db.session.commit()
    kept_days = replace(app.config["HELIOGRAPH"], KEEP_RUNS_DAYS=5)
    monkeypatch.setitem(app.config, "HELIOGRAPH", kept_days)
    assert retention.apply().runs == 1
    assert (pieces(), len(task_artifacts.of(kept))) == (1, 1)


def test_one_is_found_through_its_own_run_only(project: Project, task: Task) -> None:
    row = factories.artifact(task, "a", b"x")
    assert task_artifacts.get(project, task.id, row.id).id == row.id
    other = factories.task(task.template, status=S.SUCCESS)
    with pytest.raises(NotFound):
        task_artifacts.get(project, other.id, row.id)


def test_a_deploy_reads_what_its_build_has_left(project: Project, task: Task) -> None:
    factories.artifact(task, "app.tgz", b"x" * (PIECE + 1))
    run_manifests.keep(task.id, {"v": 1, "stats": {"values": {"_run": {"n": 1}}, "size": 9}})
    deploy = factories.task(task.template, status=S.STARTING, claim="d", build_task_id=task.id)
    assert run_specs.build(deploy).deploys_build and not run_specs.build(task).deploys_build
    with closing(TaskOutput(deploy.id, "d")) as output:
        found = TaskReporter(deploy, "d", output).build_artifacts()
        content = {name: b"".join(parts) for name, parts in found}
    assert content["app.tgz"] == b"x" * (PIECE + 1)
    assert content["set_stats.json"] == b'{\n  "_run": {\n    "n": 1\n  }\n}\n'


def test_what_a_run_reports_is_stored_and_values_are_masked(task: Task) -> None:
    with closing(TaskOutput(task.id, "mine")) as output:
        output.hide(["hunter22"])
        reporter = TaskReporter(
            task, "mine", output, Manifest.of(task, run_specs.build(task), output.mask)
        )
        assert reporter.artifact("report", BytesIO(b"fine"), 4) == ""
        reporter.event("stats", values={"_run": {"a": "is hunter22"}}, size=20)
        assert reporter.settle(S.SUCCESS)
    db.session.commit()
    assert [row.name for row in task_artifacts.of(task)] == ["report"]
    assert task_artifacts.stats(task)["values"] == {"_run": {"a": "is ***"}}
    assert task_artifacts.count(task) == 2


@pytest.fixture
def reporter(task: Task) -> Iterator[TaskReporter]:
    with closing(TaskOutput(task.id, "mine")) as output:
        yield TaskReporter(task, "mine", output)


def bound(app, monkeypatch, megabytes: int) -> None:
    changed = replace(app.config["HELIOGRAPH"], ARTIFACTS_TOTAL_MB=megabytes)
    monkeypatch.setitem(app.config, "HELIOGRAPH", changed)


def test_a_run_gets_the_room_of_older_ones(app, monkeypatch, task: Task, reporter) -> None:
    old = factories.task(task.template, status=S.SUCCESS, end=utcnow())
    factories.artifact(old, "a", b"x" * PIECE)
    bound(app, monkeypatch, 1)
    assert reporter.artifact("b", BytesIO(b"fine"), 4) == ""
    db.session.rollback()
    assert [row.name for row in task_artifacts.of(task)] == ["b"]
    assert task_artifacts.of(old) == [] and task_artifacts.are_gone(old.id)


def test_where_nothing_may_go_it_says_why(app, monkeypatch, task: Task, reporter) -> None:
    kept = factories.task(task.template, status=S.SUCCESS, end=utcnow(), pinned=True)
    factories.artifact(kept, "a", b"x" * PIECE)
    bound(app, monkeypatch, 1)
    assert "HELIOGRAPH_ARTIFACTS_TOTAL_MB" in reporter.artifact("b", BytesIO(b"fine"), 4)
    assert task_artifacts.of(task) == [] and len(task_artifacts.of(kept)) == 1


def test_a_deploy_is_told_that_the_files_of_its_build_are_gone(task: Task) -> None:
    task.artifacts_deleted_at = utcnow()
    deploy = factories.task(task.template, status=S.STARTING, claim="d", build_task_id=task.id)
    with closing(TaskOutput(deploy.id, "d")) as output:
        assert list(TaskReporter(deploy, "d", output).build_artifacts()) == []
        output.drain()
    assert "were deleted" in "".join(task_output.lines(deploy, 0, 9).lines)

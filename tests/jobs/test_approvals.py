"""From a plan to its apply: nobody holds the run while it waits, and any worker goes on with it."""

import json
import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db, transaction
from app.executors.terraform_troubles import CUT_OFF
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.services import events, task_output, task_plan_changes, task_plans, tasks
from tests import factories
from tests.jobs.conftest import WorkerProcess, finishes, reaches, until

S = TaskStatus
pytestmark = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
MAIN = """
terraform {
  backend "local" { path = "%s" }
}
resource "terraform_data" "one" {
  input = "%s"
}
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "own" / "infra.tfstate"


@pytest.fixture
def template(project: Project, tmp_path: Path, state: Path) -> TaskTemplate:
    state.parent.mkdir()
    path = factories.git_repository(tmp_path / "infra", main_tf="")
    commit(path, MAIN % (state, "first"))
    repository = factories.repository(project, git_url=f"file://{path}")
    return factories.template(project, app="terraform", playbook="", repository_id=repository.id)


def commit(path: Path, text: str) -> None:
    (path / "main.tf").write_text(text)
    factories.commit(path, "Infra")


def approve(project: Project, task: Task) -> None:
    with transaction():
        task_plans.confirm(project, task.id, "", actor=None)


def held(task: Task) -> tuple[str | None, int | None]:
    row = db.session.execute(select(Task.claim, Task.lease_until).where(Task.id == task.id)).one()
    return row.claim, row.lease_until


def test_another_worker_applies_the_plan_after_the_repository_moved_on(
    app: Flask, project: Project, template: TaskTemplate, start, state: Path, tmp_path: Path
) -> None:
    first = WorkerProcess(app)
    try:
        task = reaches(start(template), S.WAITING_CONFIRMATION, S.ERROR)
        assert (task_row(task).reason, held(task)) == (None, (None, None))
    finally:
        first.process.kill()
        first.process.wait()
    commit(tmp_path / "infra", MAIN % (state, "second"))
    approve(project, task)
    second = WorkerProcess(app)
    try:
        assert finishes(task) and task_row(task).reason is None
    finally:
        second.end()
    assert task_row(task).status == S.SUCCESS
    applied = json.loads(state.read_text())["resources"][0]["instances"][0]["attributes"]
    assert applied["input"]["value"] == "first"
    lines = task_output.lines(task_row(task), 0, 500).lines
    text = "\n".join(lines)
    assert "1 to add" in text and "Apply complete!" in text
    with transaction(write=False):
        plan, [change] = task_plans.of(task), task_plan_changes.find(task).rows
        detail = task_plan_changes.detail(change)
    assert plan and plan.counts == {"create": 1} and change.address == "terraform_data.one"
    assert "will perform" in lines[plan.line] or "used the selected" in lines[plan.line]
    assert detail and ("input", None, "first", False) in detail.attributes
    assert '"planned_values"' not in text


def test_a_plan_of_an_older_commit_is_not_applied_where_the_template_says_so(
    app: Flask, project: Project, template: TaskTemplate, start, state: Path, tmp_path: Path
) -> None:
    with transaction():
        template.task_params = {"refuse_outdated": True}
    worker = WorkerProcess(app)
    try:
        task = reaches(start(template), S.WAITING_CONFIRMATION, S.ERROR)
        commit(tmp_path / "infra", MAIN % (state, "second"))
        approve(project, task)
        finishes(task)
        assert task_row(task).status == S.ERROR
        assert "by now, and the plan was made of" in (task_row(task).reason or "")
        assert not state.exists()
        again = reaches(start(template), S.WAITING_CONFIRMATION, S.ERROR)
        approve(project, again)
        finishes(again)
    finally:
        worker.end()
    assert (task_row(again).status, task_row(again).reason) == (S.SUCCESS, None)
    assert '"second"' in state.read_text()


SLOW = """
resource "terraform_data" "slow" {
  provisioner "local-exec" { command = "touch %s; exec sleep 60" }
}
"""


def test_a_stop_while_it_applies_leaves_no_lock(
    app: Flask, project: Project, cast, template: TaskTemplate, start, state: Path, tmp_path: Path
) -> None:
    alice = cast["alice"].name
    begun = state.parent / "begun"
    commit(tmp_path / "infra", MAIN % (state, "first") + SLOW % begun)
    with transaction():
        template.task_params = {"auto_approve": True}
    worker = WorkerProcess(app, HELIOGRAPH_STOP_GRACE="60")
    try:
        task = start(template)
        until(begun.exists)
        with transaction():
            tasks.stop(project, task.id, actor=cast["alice"])
        finishes(task)
        assert task_row(task).status == S.STOPPED
        assert task_row(task).reason == f"Stopped by {alice}. {CUT_OFF}"
        assert f"Stopped by {alice}" in task_output.lines(task_row(task), 0, 500).lines
        assert state.exists() and not list(state.parent.glob(".*.lock.info"))
        commit(tmp_path / "infra", MAIN % (state, "first"))
        again = finishes(start(template))
    finally:
        worker.end()
    assert (task_row(again).status, task_row(again).reason) == (S.SUCCESS, None)


def test_a_drift_check_ends_with_what_it_has_found(
    app: Flask, project: Project, template: TaskTemplate, start, state: Path
) -> None:
    with transaction():
        template.type, template.task_params = "build", {"drift_check": True, "auto_approve": True}
    factories.template(
        project, "Deploy", type="deploy", build_template_id=template.id, autorun=True
    )
    worker = WorkerProcess(app)
    try:
        task = start(template)
        assert finishes(task)
    finally:
        worker.end()
    found = task_row(task)
    assert (found.status, found.result, found.reason) == (S.SUCCESS, "Drift: 1 to create", None)
    with transaction(write=False):
        [told] = [one for one in events.of(found) if "found: Drift" in one.description]
        assert told.user_id is None
        assert db.session.scalars(select(Task.id)).all() == [task.id]
    assert not state.exists()


def task_row(task: Task) -> Task:
    with transaction(write=False):
        return db.session.get_one(Task, task.id, populate_existing=True)

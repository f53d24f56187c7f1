"""A build is made and deployed by a real worker: once, with its version, at its commit."""

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import db, transaction
from app.models import Project, Repository, Task, TaskStatus, TaskTemplate
from app.services import tasks
from tests import factories
from tests.jobs.conftest import finishes, until
from tests.jobs.test_worker import lines, said

pytestmark = [pytest.mark.processes]
S = TaskStatus
SAY = """
echo "type $SEMAPHORE_TASK_TYPE target $SEMAPHORE_TASK_TARGET_VERSION."
echo "incoming $SEMAPHORE_TASK_INCOMING_VERSION, $SEMAPHORE_TASK_DETAILS_INCOMING_VERSION."
cat note 2>/dev/null || true
"""


@pytest.fixture
def build(script) -> TaskTemplate:
    return script(SAY, type="build", start_version="v1.0")


@pytest.fixture
def deploy(project: Project, build: TaskTemplate) -> TaskTemplate:
    return deploy_of(project, build)


def deploy_of(project: Project, build: TaskTemplate, **values: object) -> TaskTemplate:
    same = {"playbook": "run.sh", "repository_id": build.repository_id}
    source = {"type": "deploy", "build_template_id": build.id}
    return factories.template(project, "Deploy", **same, **source, **values)


def change_of(build: TaskTemplate) -> None:
    """A commit after the build."""
    url = db.session.get_one(Repository, build.repository_id).git_url
    path = Path(url.removeprefix("file://"))
    (path / "note").write_text("newer than the build\n")
    factories.commit(path, "Newer")


def test_a_deploy_runs_with_the_version_and_at_the_commit_of_its_build(
    worker, start, build: TaskTemplate, deploy: TaskTemplate
) -> None:
    built = finishes(start(build))
    assert (built.status, built.version) == (S.SUCCESS, "v1.0")
    assert "type build target v1.0." in lines(built)
    change_of(build)
    deployed = finishes(start(deploy))
    assert (deployed.build_task_id, deployed.commit_hash) == (built.id, built.commit_hash)
    assert lines(deployed)[-2:] == ["type deploy target .", "incoming v1.0, v1.0."]
    assert finishes(start(build)).commit_hash != built.commit_hash


def test_it_starts_by_itself_after_a_success_and_only_then(
    worker, start, project: Project, script
) -> None:
    broken = script("exit 3", type="build")
    slow = script("echo up; sleep 60", type="build")
    good = script(SAY, type="build")
    for template in (broken, slow, good):
        deploy_of(project, template, autorun=True)
    running = start(slow)
    until(lambda: said(running, "up"))
    with transaction():
        tasks.stop(project, running.id, actor=None)
    assert finishes(start(broken)).status == S.ERROR
    assert finishes(running).status == S.STOPPED
    built = finishes(start(good))
    (deployed,) = until(started_by_themselves)
    assert deployed.build_task_id == built.id
    assert finishes(deployed).status == S.SUCCESS
    assert len(started_by_themselves()) == 1


def test_a_build_whose_worker_dies_deploys_nothing(worker, start, project: Project, script) -> None:
    build = script("echo up; sleep 60", type="build")
    deploy_of(project, build, autorun=True)
    running = start(build)
    until(lambda: said(running, "up"))
    os.kill(worker.horse(), signal.SIGKILL)
    assert finishes(running).status == S.ERROR
    assert started_by_themselves() == []


def started_by_themselves() -> list[Task]:
    return list(db.session.scalars(select(Task).where(Task.build_task_id.is_not(None))))

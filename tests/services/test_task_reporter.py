"""What a run reports reaches its row, and only while the run is its own."""

from contextlib import closing

import pytest
from sqlalchemy import select

from app.db import db
from app.executors.spec import Cancelled
from app.models import HostKey, Task, TaskStatus, TerraformLock
from app.services.task_output_writer import TaskOutput
from app.services.task_reporter import TaskReporter
from tests import factories

S = TaskStatus


@pytest.fixture
def task(project) -> Task:
    template = factories.template(project)
    return factories.task(template, status=S.STARTING, claim="mine", lease_until=1)


@pytest.fixture
def reporter(task: Task):
    with closing(TaskOutput(task.id, "mine")) as output:
        output.hide(["hunter22"])
        yield TaskReporter(task, "mine", output)


def stored(task: Task) -> Task:
    db.session.expire_all()
    return db.session.get_one(Task, task.id)


def test_a_state_is_stored_and_told_to_those_who_listen(task, reporter) -> None:
    told: list[str] = []
    reporter.on_status(told.append)
    reporter.status("running")
    reporter.status("running")
    assert stored(task).status == S.RUNNING and stored(task).start
    assert told == ["running"]


def test_a_listener_that_fails_hinders_nobody(task, reporter) -> None:
    told: list[str] = []
    reporter.on_status(lambda _: [][1])
    reporter.on_status(told.append)
    reporter.status("running")
    assert told == ["running"]


@pytest.mark.parametrize("taken", [{"status": S.STOPPING}, {"claim": "theirs"}])
def test_a_stop_or_a_stranger_that_was_first_cancels_the_run(task, reporter, taken) -> None:
    for name, value in taken.items():
        setattr(task, name, value)
    db.session.commit()
    with pytest.raises(Cancelled):
        reporter.status("running")


def test_what_was_checked_out_is_stored_with_the_next_state(task, reporter) -> None:
    reporter.commit("a" * 40, "Say hunter22 " + "x" * 200)
    assert stored(task).commit_hash is None
    reporter.status("running")
    assert stored(task).commit_hash == "a" * 40
    message = stored(task).commit_message
    assert message.startswith("Say *** x") and len(message) == 100


def test_a_host_key_that_was_accepted_becomes_the_projects(task, reporter) -> None:
    known = {"host": "web", "port": 2222, "type": "ssh-ed25519", "key": factories.PUBLIC_KEY}
    reporter.event("host_key", **known)
    reporter.event("host_key", **known | {"key": "another"})
    found = db.session.scalars(select(HostKey).filter_by(project_id=task.project_id)).all()
    assert [(row.host, row.port, row.key) for row in found] == [("web", 2222, known["key"])]


@pytest.mark.parametrize("chosen", [False, True])
def test_who_holds_the_state_of_the_run_is_told(project, task, reporter, chosen) -> None:
    workspace = factories.workspace(project, "blue")
    (task if chosen else task.template).inventory_id = workspace.id
    db.session.commit()
    assert reporter.lock_holder() == ""
    factories.state_lock(workspace)
    assert reporter.lock_holder() == "ada@laptop (apply)"
    [lock] = db.session.scalars(select(TerraformLock)).all()
    lock.task_id = task.id
    db.session.commit()
    assert reporter.lock_holder() == f"ada@laptop (apply), in run #{task.id}"
    lock.task_id, lock.alias = None, "k3v9k3v9k3v9eu5j"
    db.session.commit()
    assert reporter.lock_holder() == "ada@laptop (apply), through the address …eu5j"

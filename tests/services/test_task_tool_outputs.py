"""Outputs are stored encrypted by who holds the run, and handed to the deploys of a build."""

import json

import pytest
from sqlalchemy import func, select

from app.db import db, transaction
from app.executors.spec import PreparationFailed
from app.extensions import keyring
from app.lib.tool_outputs import ToolOutput
from app.models import Project, Task, TaskStatus, TaskToolOutputs
from app.services import secrets, task_artifacts, task_tool_outputs, tasks
from app.services.task_output_writer import TaskOutput
from app.services.task_reporter import TaskReporter
from app.services.task_states import Fenced
from tests import factories

OUTPUTS = (
    ToolOutput("address", "string", value="10.0.0.7"),
    ToolOutput("password", "string", sensitive=True),
    ToolOutput("text", "string", is_left_out=True),
)


@pytest.fixture
def task(project: Project) -> Task:
    template = factories.template(project, app="terraform", playbook="infra", type="build")
    return factories.task(template, status=TaskStatus.RUNNING, claim="mine")


def keep(task: Task, *outputs: ToolOutput, mask=str) -> None:
    with transaction():
        task_tool_outputs.keep(task, "mine", mask, outputs=outputs or OUTPUTS)


def row() -> TaskToolOutputs:
    return db.session.scalars(select(TaskToolOutputs)).one()


def test_they_come_back_as_they_were_and_lie_encrypted(task):
    keep(task)
    assert task_tool_outputs.of(task) == list(OUTPUTS)
    assert task_tool_outputs.count(task) == task_artifacts.count(task) == 3
    assert "10.0.0.7" not in (row().secret or "")
    assert TaskToolOutputs.__table__ in secrets.TABLES


def test_a_later_attempt_replaces_them(task):
    keep(task)
    keep(task, ToolOutput("other", value=1))
    assert [one.name for one in task_tool_outputs.of(task)] == ["other"]


def test_secrets_of_the_run_are_masked(task):
    found = ToolOutput("url", value={"at": ["http://hunter22@host"]})
    keep(task, found, mask=lambda text: text.replace("hunter22", "***"))
    assert task_tool_outputs.of(task)[0].value == {"at": ["http://***@host"]}


def test_who_no_longer_holds_the_run_stores_nothing(task):
    with pytest.raises(Fenced), transaction():
        task_tool_outputs.keep(task, "theirs", str, outputs=OUTPUTS)
    assert task_tool_outputs.count(task) == 0


def deploy_of(task: Task, project: Project) -> Task:
    template = factories.template(
        project, "Deploy", type="deploy", build_template_id=task.template_id
    )
    return factories.task(template, status=TaskStatus.RUNNING, claim="it", build_task_id=task.id)


def test_a_deploy_finds_those_that_have_values(task, project):
    keep(task)
    found = dict(task_artifacts.of_build(deploy_of(task, project)))
    assert json.loads(b"".join(found["terraform_outputs.json"])) == {
        "address": {"sensitive": False, "type": "string", "value": "10.0.0.7"}
    }


def test_a_deploy_that_cannot_read_them_says_so(task, project):
    keep(task)
    with transaction():
        row().secret = keyring().encrypt("[]", "task_tool_outputs:0")
    deploy = deploy_of(task, project)
    output = TaskOutput(deploy.id, "it")
    try:
        with pytest.raises(PreparationFailed, match="outputs of the build cannot be read"):
            list(TaskReporter(deploy, "it", output).build_artifacts())
    finally:
        output.close()


def test_a_run_reports_them(task):
    output = TaskOutput(task.id, "mine")
    try:
        TaskReporter(task, "mine", output).event("outputs", outputs=OUTPUTS)
    finally:
        output.close()
    assert task_tool_outputs.count(task) == 3


def test_they_go_with_the_run(task):
    keep(task)
    with transaction():
        db.session.get_one(Task, task.id).status = TaskStatus.SUCCESS
    with transaction():
        project = db.session.get_one(Project, task.project_id)
        tasks.delete(project, task.id, actor=None)
    assert db.session.scalar(select(func.count()).select_from(TaskToolOutputs)) == 0

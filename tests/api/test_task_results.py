from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project, Task
from tests import factories
from tests.services.hosts import tell

Api = Callable[[str], FlaskClient]


@pytest.fixture
def task(project: Project) -> Task:
    task = factories.task(factories.template(project, app="ansible"), status="error")
    wrong = {"detail": {"msg": "no such file\nat all"}}
    tell(
        task,
        {
            "web": ["ok", "changed"],
            "db": [("failed", wrong)],
            "odd": [("failed", {"ignored": True})],
        },
    )
    return task


def url(task: Task, what: str) -> str:
    return f"/api/project/{task.project_id}/tasks/{task.id}/{what}"


def test_hosts_have_the_counts_of_the_recap(api: Api, task: Task) -> None:
    found = {host["host"]: host for host in api("dave").get(url(task, "ansible/hosts")).json}
    zero = dict.fromkeys(("changed", "failed", "ignored", "rescued", "skipped", "unreachable"), 0)
    common = {"task_id": task.id, "project_id": task.project_id}
    assert found["web"] == zero | common | {"id": 1, "host": "web", "ok": 2, "changed": 1}
    assert found["db"] == zero | common | {"id": 2, "host": "db", "ok": 0, "failed": 1}
    assert (found["odd"]["ok"], found["odd"]["ignored"]) == (1, 1)


def test_errors_name_host_and_task(api: Api, task: Task) -> None:
    [error] = api("dave").get(url(task, "ansible/errors")).json
    assert error.pop("id")
    assert error == {
        "task_id": task.id,
        "project_id": task.project_id,
        "host": "db",
        "task": "task 1",
        "error": "no such file",
    }


def test_other_tasks_have_neither(api: Api, project: Project) -> None:
    other = factories.task(factories.template(project), status="success")
    for what in ("stages", "ansible/hosts", "ansible/errors"):
        assert api("dave").get(url(other, what)).json == []

"""Outputs of what a task has applied, as clients read them."""

import pytest

from app.db import db, transaction
from app.extensions import keyring
from app.models import TaskToolOutputs
from tests import factories


@pytest.fixture
def url(project):
    task = factories.task(factories.template(project, app="terraform"), status="success")
    factories.outputs(task, address="10.0.0.7", password=None)
    return f"/api/project/{project.id}/tasks/{task.id}/outputs"


def test_they_are_listed_and_sensitive_ones_have_no_value(api, url):
    known = {"type": "string", "is_left_out": False}
    assert api("dave").get(url).json == [
        {"name": "address", "sensitive": False, "value": "10.0.0.7"} | known,
        {"name": "password", "sensitive": True} | known,
    ]
    assert api("mallory").get(url).status_code == 404


def test_a_task_without_any_has_an_empty_list(api, project):
    task = factories.task(factories.template(project))
    assert api("dave").get(f"/api/project/{project.id}/tasks/{task.id}/outputs").json == []


def test_that_they_cannot_be_decrypted_is_said(api, url):
    with transaction():
        row = db.session.query(TaskToolOutputs).one()
        row.secret = keyring().encrypt("[]", "task_tool_outputs:0")
    answer = api("dave").get(url)
    assert answer.status_code == 503 and "cannot be decrypted" in answer.json["error"]

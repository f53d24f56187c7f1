"""Who may only run a template gets into ansible's own variables on no way that leads there."""

import json
from typing import Any

import pytest

from app.db import db
from app.models import Project, Task, TaskTemplate
from tests import factories

SURVEY = [{"name": "ansible_host"}, {"name": "ansible_password", "type": "secret"}]


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    """It asks for what none of our forms lets one ask for, as one from somewhere else may."""
    return factories.template(
        project,
        app="ansible",
        playbook="site.yml",
        inventory_id=factories.inventory(project).id,
        survey_vars=SURVEY,
        allow_any_vars_in_task=True,
        allow_override_args_in_task=True,
        task_params={"allow_override_limit": True},
    )


WAYS: dict[str, dict[str, Any]] = {
    "environment.ansible_connection": {"environment": '{"ansible_connection": "local"}'},
    "environment.hostvars": {"environment": '{"hostvars": {"web1": {"x": 1}}}'},
    "environment.ansible_host": {"environment": '{"ansible_host": "127.0.0.1"}'},
    "secret.ansible_become_exe": {"secret": '{"ansible_become_exe": "/tmp/x"}'},
    "secret.ansible_password": {"secret": '{"ansible_password": "x"}'},
    "arguments": {"arguments": '["-e", "ansible_connection=local"]'},
    "params.limit": {"params": {"limit": ["@/etc/shadow"]}},
    "limit": {"limit": "web,@/etc/shadow"},
}


@pytest.mark.parametrize("field", WAYS)
def test_every_way_is_closed_and_named(api, project, template, field) -> None:
    body = {"template_id": template.id} | WAYS[field]
    answer = api("carol").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 400 and answer.json["error"].startswith(f"{field}: ")
    assert db.session.query(Task).count() == 0


def test_who_may_edit_the_template_may_give_any_argument(api, project, template) -> None:
    body = {"template_id": template.id} | WAYS["arguments"]
    answer = api("bob").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 201
    assert json.loads(answer.json["arguments"]) == ["-e", "ansible_connection=local"]


def test_who_may_only_run_it_may_narrow_it(api, project, template) -> None:
    body = {"template_id": template.id, "arguments": '["--check", "--limit", "web1"]'}
    answer = api("carol").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 201


def test_a_script_takes_all_arguments(api, project) -> None:
    template = factories.template(project, allow_override_args_in_task=True)
    body = {"template_id": template.id, "arguments": '["-e", "ansible_connection=local"]'}
    answer = api("carol").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 201


@pytest.mark.parametrize("name", ["environment", "secret"])
def test_the_character_nul_is_refused_in_every_answer(api, project, name) -> None:
    template = factories.template(project, allow_any_vars_in_task=True)
    body = {"template_id": template.id, name: '{"a": ["x\\u0000y"]}'}
    answer = api("carol").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 400
    assert answer.json["error"] == f"{name}.a: Must not contain the character NUL"

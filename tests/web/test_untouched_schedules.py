"""A schedule that is saved as it was opened is as it was."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from app.db import db
from app.models import Schedule
from app.schemas.tasks import TaskIn
from tests import factories

QUESTIONS = [
    {"name": "word", "title": "Word", "type": "", "default_value": "hello"},
    {"name": "count", "title": "Count", "type": "int"},
    {"name": "sure", "title": "Sure", "type": "bool", "default_value": "true"},
    {"name": "zones", "title": "Zones", "type": "select", "default_value": "a",
     "values": [{"name": "", "value": "a"}, {"name": "", "value": "b"}]},
]  # fmt: skip
GIVEN = {"limit": "web1", "environment": '{"count": 4, "word": "x"}', "params": {"tags": ["t"]}}


@pytest.fixture
def made(api, project) -> str:
    """The address of its form."""
    template = factories.template(
        project, app="ansible", playbook="site.yml", survey_vars=QUESTIONS,
        inventory_id=factories.inventory(project).id,
        task_params={"allow_override_limit": True, "allow_override_tags": True},
    )  # fmt: skip
    body = {"template_id": template.id, "project_id": project.id, "cron_format": "@daily"}
    body |= {"task_params": GIVEN, "active": True, "name": "Nightly"}
    answer = api("bob").post(f"/api/project/{project.id}/schedules", json=body)
    assert answer.status_code == 201, answer.text
    return f"/p/{project.id}/schedules/{answer.json['id']}/edit"


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the form that is opened."""
    form = page.split('id="schedule-form"')[1].split("</form>")[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = {n: unescape(v) for n, v in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if said.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if "name" in said:
            found.setdefault(said["name"], []).append(said.get("value", "on"))
    return found


def stored() -> dict[str, Any]:
    db.session.expire_all()
    return db.session.scalars(select(Schedule.task_params)).one()


def test_saved_untouched_it_is_unchanged(browser, made: str) -> None:
    before = stored()
    answer = browser("bob").post(made, data=fields(browser("bob").get(made).text))
    assert answer.status_code == 303 and stored() == before
    assert before["limit"] == "web1" and "sure" not in before["environment"]


def test_what_is_changed_is_kept_and_nothing_else(browser, made: str) -> None:
    sent = fields(browser("bob").get(made).text)
    sent |= {"answer.count": "5", "param.limit": "web2"}
    del sent["answer.sure"]
    assert browser("bob").post(made, data=sent).status_code == 303
    after = TaskIn.model_validate(stored())
    assert after.answers == {"count": 5, "word": "x", "sure": False}
    assert after.tool_params == {"limit": ["web2"], "tags": ["t"]}


def test_other_variables_that_are_no_object_are_refused(browser, made: str) -> None:
    before = stored()
    sent = fields(browser("bob").get(made).text) | {"other_variables": "[1]"}
    answer = browser("bob").post(made, data=sent)
    assert answer.status_code == 422 and "Must be a JSON object" in answer.text
    assert stored() == before

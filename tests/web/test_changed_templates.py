"""Sheets and forms that were open while their template changed: nothing typed is dropped."""

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import db
from app.models import Project, Schedule, Task, TaskTemplate
from tests import factories

Browser = Callable[[str], FlaskClient]
CLOSED = "This template does not allow to change it"


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    """It opens nothing any more and asks for `count`."""
    return factories.template(
        project,
        app="ansible",
        playbook="site.yml",
        inventory_id=factories.inventory(project).id,
        survey_vars=[{"name": "count", "title": "Count", "type": "int", "default_value": "3"}],
        task_params={"hide_dry_run": True, "hide_diff": True},
    )


def rows(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("name", ["limit", "tags", "skip_tags", "debug_level", "dry_run", "diff"])
def test_what_was_closed_meanwhile_is_refused_and_shown(
    browser: Browser, project: Project, template: TaskTemplate, name: str
) -> None:
    text = "web7" if "level" not in name else "2"
    at = f"/p/{project.id}/templates/{template.id}/run"
    sent = {f"param.{name}": text, "answer.count": "5", "message": "m"}
    answer = browser("carol").post(at, data=sent)
    assert answer.status_code == 422 and rows(Task) == 0
    assert f'href="#f-param.{name}"' in answer.text and CLOSED in answer.text
    assert f'name="param.{name}"' in answer.text and 'value="5"' in answer.text
    at = f"/p/{project.id}/schedules"
    sent |= {"template_id": str(template.id), "cron_format": "0 2 * * *"}
    answer = browser("bob").post(at, data=sent)
    assert answer.status_code == 422 and rows(Schedule) == 0
    assert f'href="#f-param.{name}"' in answer.text and CLOSED in answer.text


def test_what_is_asked_no_more_is_refused_and_not_shown(
    browser: Browser, project: Project, template: TaskTemplate
) -> None:
    template.allow_any_vars_in_task = True
    factories.save()
    at = f"/p/{project.id}/templates/{template.id}/run"
    sent = {"answer.old": "perhaps a secret", "message": "typed"}
    answer = browser("carol").post(at, data=sent)
    assert answer.status_code == 422 and rows(Task) == 0
    assert "old: The template does not ask this any more" in answer.text
    assert "perhaps a secret" not in answer.text and 'value="typed"' in answer.text
    assert 'name="answer.count" value="3"' in answer.text  # new to who sent this
    at = f"/p/{project.id}/schedules"
    sent |= {"template_id": str(template.id), "cron_format": "0 2 * * *"}
    answer = browser("bob").post(at, data=sent)
    assert answer.status_code == 422 and rows(Schedule) == 0
    assert "old: The template does not ask this any more" in answer.text


def test_a_question_that_is_new_keeps_its_default(
    browser: Browser, project: Project, template: TaskTemplate
) -> None:
    at = f"/p/{project.id}/templates/{template.id}/run"
    assert browser("carol").post(at, data={"answer.old": ""}).status_code == 303
    assert db.session.scalars(select(Task.environment)).one() == '{"count": 3}'


def test_a_new_question_of_boxes_keeps_its_default(
    browser: Browser, project: Project, template: TaskTemplate
) -> None:
    """An open sheet sends nothing of it, as one does where nothing is ticked."""
    zones = [{"name": "", "value": "eu"}, {"name": "", "value": "us"}]
    sure = {"name": "sure", "title": "Sure", "type": "bool", "default_value": "true"}
    where = {"name": "zones", "title": "Zones", "type": "select", "values": zones}
    template.survey_vars = [sure, where | {"default_value": ["eu"]}]
    factories.save()
    at = f"/p/{project.id}/templates/{template.id}/run"
    assert browser("carol").post(at, data={"message": "old"}).status_code == 303
    asked = ["sure", "zones"]
    page = browser("carol").get(at).text
    assert all(f'type="hidden" name="asked" value="{name}"' in page for name in asked)
    assert browser("carol").post(at, data={"asked": asked}).status_code == 303
    told = db.session.scalars(select(Task.environment).order_by(Task.id)).all()
    assert [json.loads(text) for text in told] == [
        {"sure": True, "zones": ["eu"]},
        {"sure": False, "zones": []},
    ]


def test_a_limit_that_a_run_had_is_not_lost_when_it_is_repeated(
    browser: Browser, project: Project, template: TaskTemplate
) -> None:
    before = factories.task(template, status="success", params={"limit": ["web2"]})
    at = f"/p/{project.id}/templates/{template.id}/run"
    page = browser("carol").get(f"{at}?from={before.id}").text
    assert 'name="param.limit" value="web2"' in page


def test_all_that_is_wrong_is_told_at_once(
    browser: Browser, project: Project, template: TaskTemplate
) -> None:
    at = f"/p/{project.id}/templates/{template.id}/run"
    sent = {"answer.count": "many", "answer.old": "x", "param.limit": "web7", "max_duration": "abc"}
    answer = browser("carol").post(at, data=sent)
    assert answer.status_code == 422 and "Not started: 4 fields need a change" in answer.text
    for field in ("answer.count", "answer.old", "param.limit", "max_duration"):
        assert f'href="#f-{field}"' in answer.text, field

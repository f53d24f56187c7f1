"""Sheets and forms on which another variable group may be chosen."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Environment, Project, Schedule, Task, TaskTemplate
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def production(project: Project) -> Environment:
    return factories.environment(project, "Production", json='{"host": "prod"}')


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    made = factories.template(project, task_params={"allow_override_environment": True})
    made.environments = [factories.environment(project, "Staging", json='{"host": "staging"}')]
    db.session.commit()
    return made


@pytest.fixture
def url(project: Project, template: TaskTemplate) -> str:
    return f"/p/{project.id}/templates/{template.id}"


def test_the_sheet_offers_the_groups_and_starts_with_the_chosen_one(
    browser: Browser, url: str, production: Environment
) -> None:
    carol = browser("carol")
    page = carol.get(f"{url}/run").text
    assert "Staging, as the template says" in page and "Production" in page
    assert "host=staging" in page
    shown = carol.post(f"{url}/run/_command", data={"environment_id": str(production.id)}).text
    assert "host=prod" in shown
    answer = carol.post(f"{url}/run", data={"environment_id": str(production.id)})
    task = db.session.scalars(select(Task)).one()
    assert task.environment_id == production.id
    details = carol.get(answer.headers["Location"] + "/details").text
    assert "Production, chosen for this run" in details
    assert f'"environment_id": {production.id}' in details.replace("&#34;", '"')
    again = carol.get(f"{url}/run?from={task.id}").text
    assert f'<option value="{production.id}" selected' in again


def test_a_link_chooses_it(browser: Browser, url: str, production: Environment) -> None:
    page = browser("carol").get(f"{url}/run?variables={production.id}").text
    assert "The link asks" not in page and "host=prod" in page


def test_where_it_is_not_open_it_is_neither_offered_nor_taken(
    browser: Browser, url: str, template: TaskTemplate, production: Environment
) -> None:
    template.task_params = None
    template.allow_override_branch_in_task = True
    db.session.commit()
    carol = browser("carol")
    assert 'name="environment_id"' not in carol.get(f"{url}/run").text
    answer = carol.post(f"{url}/run", data={"environment_id": str(production.id)})
    assert answer.status_code == 422 and "does not allow to change it" in answer.text
    shown = carol.post(f"{url}/run/_command", data={"environment_id": str(production.id)}).text
    assert "host=staging" in shown


def test_the_form_of_a_template_opens_it(browser: Browser, url: str, project: Project) -> None:
    page = browser("bob").get(f"{url}/edit").text
    field = page[page.index("Another group may be chosen when running") - 400 :][:400]
    assert 'name="param.allow_override_environment"' in field and "checked" in field


def test_a_schedule_keeps_it(
    browser: Browser, project: Project, template: TaskTemplate, production: Environment
) -> None:
    bob, url = browser("bob"), f"/p/{project.id}/schedules"
    assert "As the template says" in bob.get(f"{url}/new?template={template.id}").text
    given = {"template_id": template.id, "when": "cron", "cron_format": "@daily", "missed": "skip"}
    bob.post(url, data=given | {"environment_id": str(production.id), "active": "1"})
    schedule = db.session.scalars(select(Schedule)).one()
    assert schedule.task_params == {"environment_id": production.id}
    page = bob.get(f"{url}/{schedule.id}/edit").text
    assert f'<option value="{production.id}" selected' in page

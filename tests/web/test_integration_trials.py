"""What the page of an integration says of requests before and after they come."""

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import db
from app.models import Integration, Project, Task
from tests import factories

Browser = Callable[[str], FlaskClient]
SURVEY = [{"name": "n", "title": "N", "type": "int", "required": True}]


@pytest.fixture
def hook(project: Project) -> Integration:
    hook = factories.integration(factories.template(project, survey_vars=SURVEY))
    factories.extract_value(hook, "n", "n")
    return hook


@pytest.fixture
def url(hook: Integration) -> str:
    return f"/p/{hook.project_id}/integrations/{hook.id}"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"n": "5"}, "It would start a run."),
        ({"n": "abc"}, "environment.n: Must be a whole number"),
        ({}, "environment.n: An answer is required"),
    ],
)
def test_a_trial_tells_whether_a_run_could_start(
    browser: Browser, url: str, body: dict[str, str], says: str
) -> None:
    page = browser("bob").post(f"{url}/test", data={"body": json.dumps(body)}).text
    assert says in page
    assert db.session.scalar(select(func.count(Task.id))) == 0


def test_a_trial_finds_what_the_template_forbids(
    browser: Browser, url: str, hook: Integration
) -> None:
    hook.task_params = {"git_branch": "other"}
    factories.save()
    page = browser("bob").post(f"{url}/test", data={"body": '{"n": "5"}'}).text
    assert "git_branch: This template does not allow to change it" in page


def test_addresses_of_the_project_ask_it_too(
    browser: Browser, project: Project, url: str, hook: Integration
) -> None:
    alias = factories.alias(project)
    page = browser("dave").get(url).text
    assert "nothing can be sent to it" in page and alias not in page
    hook.searchable = True
    factories.save()
    page = browser("dave").get(url).text
    assert "nothing can be sent to it" not in page and f"/api/integrations/{alias}" in page


def test_it_says_that_its_key_is_gone(browser: Browser, url: str, hook: Integration) -> None:
    assert "Nobody is let in" not in browser("dave").get(url).text
    hook.auth_method, hook.auth_header = "token", "X-Token"
    factories.save()
    assert "Nobody is let in: its key is gone." in browser("dave").get(url).text

"""The forms of integrations: what is missing is said where it is missing, and all at once."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Integration, Project
from app.services import integrations
from tests import factories

Browser = Callable[[str], FlaskClient]
CONDITION = {"name": "To main", "match_type": "body", "body_data_type": "json", "key": "ref",
             "method": "equals", "value": "main"}  # fmt: skip


@pytest.fixture
def hook(project: Project) -> Integration:
    return factories.integration(factories.template(project))


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/integrations"


def test_all_that_is_wrong_is_told_at_once(browser: Browser, project: Project, url: str) -> None:
    data = {"name": "", "auth_method": "hmac", "per_minute": "-3", "task_params": "{"}
    answer = browser("bob").post(f"{url}/new/github", data=data)
    assert answer.status_code == 422 and "6 fields need a change" in answer.text
    for name, why in (
        ("name", "Cannot be empty"),
        ("template_id", "Choose a template"),
        ("auth_secret_id", "HMAC-SHA256 needs a key"),
        ("auth_header", "HMAC-SHA256: name the header"),
        ("per_minute", "Must be at least 0"),
        ("task_params", "Must be a JSON object"),
    ):
        assert re.search(rf'id="f-{name}-error">.*?</svg> {why}', answer.text), name
    assert integrations.list_for(project) == []


def test_an_empty_project_shows_the_way_to_a_template_and_a_key(
    browser: Browser, project: Project, url: str
) -> None:
    page = browser("bob").get(f"{url}/new/github").text
    assert f'<a href="/p/{project.id}/templates/new">New template</a>' in page
    assert f'<a href="/p/{project.id}/keys/new">New key</a>' in page


def test_a_request_is_tried_with_its_query(browser: Browser, url: str, hook: Integration) -> None:
    bob, own = browser("bob"), f"{url}/{hook.id}"
    query = {"name": "Staging", "match_type": "query", "key": "env", "method": "equals",
             "value": "staging"}  # fmt: skip
    assert bob.post(f"{own}/conditions", data=query).status_code == 303
    for sent, said in (("?env=staging&env=prod", "It would start a run"), ("env=", "Not met")):
        page = bob.post(f"{own}/test", data={"query": sent, "body": "{}"}).text
        assert said in page and f'value="{sent.replace("&", "&amp;")}"' in page
        assert "no JSON" not in page


def test_what_is_no_json_is_told(browser: Browser, url: str, hook: Integration) -> None:
    bob, own = browser("bob"), f"{url}/{hook.id}"
    assert bob.post(f"{own}/conditions", data=CONDITION).status_code == 303
    form = {"headers": "Content-Type: application/x-www-form-urlencoded", "body": "payload={}"}
    page = bob.post(f"{own}/test", data=form).text
    assert "The body is no JSON" in page and "choose application/json" in page
    page = bob.post(f"{own}/test", data={"body": "ref: main"}).text
    assert "The body is no JSON" in page and "Rules that ask for a path find nothing" in page
    assert "no JSON" not in bob.post(f"{own}/test", data={"body": "{}"}).text


def test_parameters_that_the_template_does_not_open_are_refused_by_name(
    browser, api, project
) -> None:
    required = {"name": "size", "title": "Size", "type": "int", "required": True}
    template = factories.template(project, survey_vars=[required])
    body = {"name": "Hook", "project_id": project.id, "template_id": template.id}
    at = f"/api/project/{project.id}/integrations"
    # Clients of the API could always store what the template may open later.
    made = api("bob").post(at, json=body | {"task_params": {"git_branch": "x"}})
    assert made.status_code == 201, made.text
    text = '{"git_branch": "x", "environment": "{\\"nope\\": 1}"}'
    form = f"/p/{project.id}/integrations/{made.json['id']}/edit"
    answer = browser("bob").post(form, data=body | {"task_params": text})
    assert answer.status_code == 422 and 'href="#f-task_params"' in answer.text
    assert "git_branch: This template does not allow" in answer.text
    assert "environment.nope: Unknown variable" in answer.text
    text = '{"message": "From outside"}'
    saved = browser("bob").post(form, data=body | {"task_params": text})
    assert saved.status_code == 303  # the request may bring the answer that is required

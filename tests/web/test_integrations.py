"""Integrations in the browser: made for a sender, given rules, tried, looked at, sent again."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Integration, IntegrationAlias, Project, Task, TaskStatus, TaskTemplate
from app.services import integration_deliveries, integrations, webhook_senders
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project, "Deploy shop")


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/integrations"


def key(project: Project) -> int:
    return factories.access_key(project, "Hook secret", type="login_password", secret="x").id


@pytest.mark.parametrize("name", webhook_senders.NAMES)
def test_one_is_made_for_each_sender_and_takes_its_example(
    browser: Browser, project: Project, template: TaskTemplate, url: str, name: str
) -> None:
    bob, sender = browser("bob"), webhook_senders.known()[name]
    page = bob.get(f"{url}/new/{name}").text
    assert f'<option value="{sender.auth_method}" selected>' in page
    data = {"name": "On push", "template_id": template.id, "auth_method": sender.auth_method,
            "auth_header": sender.auth_header, "auth_secret_id": key(project), "matchers": "1",
            "when_waiting": "skip", "per_minute": "30"}  # fmt: skip
    answer = bob.post(f"{url}/new/{name}", data=data)
    row = integrations.list_for(project)[0]
    assert answer.location == f"{url}/{row.id}"
    assert (row.when_waiting, row.per_minute) == ("skip", 30)
    assert webhook_senders.of(row) is sender
    shown = bob.get(answer.location).text
    assert "/api/integrations/" in shown and all(m["name"] in shown for m in sender.matchers)
    test = bob.get(f"{answer.location}/test").text
    assert "Nothing is started" in test
    headers = "\n".join(f"{name}: {value}" for name, value in sender.headers.items())
    answer = bob.post(f"{url}/{row.id}/test", data={"headers": headers, "body": sender.example})
    assert "It would start a run." in answer.text
    answer = bob.post(f"{url}/{row.id}/test", data={"headers": headers, "body": "{}"})
    assert "It would start nothing:" in answer.text and "Not met" in answer.text
    lines = f"{headers}\n\nX-Forgotten colon"
    answer = bob.post(f"{url}/{row.id}/test", data={"headers": lines, "body": "{}"})
    assert answer.status_code == 422 and "It would start" not in answer.text
    assert "“X-Forgotten colon” is no header" in answer.text and "\nX-Forgotten" in answer.text
    assert db.session.query(Task).count() == 0


def test_what_is_wrong_stays_in_the_form_with_the_reason(
    browser: Browser, project: Project, template: TaskTemplate, url: str
) -> None:
    data = {"name": "Hook", "template_id": template.id, "auth_method": "github"}
    for change, why in (
        ({"task_params": "{nonsense"}, "Must be a JSON object"),
        ({"task_params": "[" * 20_000}, "Must be a JSON object"),
        ({"task_params": '{"message": 5}'}, "message"),
        ({}, "GitHub needs a key with a password"),
        ({"auth_method": "", "per_minute": "many"}, "Must be a whole number"),
    ):
        answer = browser("bob").post(f"{url}/new/github", data=data | change)
        assert answer.status_code == 422 and why in answer.text
        assert 'value="Hook"' in answer.text
    assert integrations.list_for(project) == []


@pytest.fixture
def hook(template: TaskTemplate) -> Integration:
    return factories.integration(template)


CONDITION = {"name": "To main", "match_type": "body", "body_data_type": "json", "key": "ref",
             "method": "equals", "value": "main"}  # fmt: skip

VALUE = {"name": "Commit", "value_source": "header", "body_data_type": "json", "key": "X-Commit",
         "variable": "COMMIT", "variable_type": "environment"}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data", "shown"),
    [
        ("conditions", CONDITION, "body <code>ref</code> equals <code>main</code>"),
        ("values", VALUE, "Variable <code>COMMIT</code> from header <code>X-Commit</code>"),
    ],
)
def test_rules_are_added_changed_and_deleted(
    browser: Browser, url: str, hook: Integration, kind: str, data: dict[str, str], shown: str
) -> None:
    bob, own = browser("bob"), f"{url}/{hook.id}"
    assert bob.get(f"{own}/{kind}/new").status_code == 200
    refused = bob.post(f"{own}/{kind}", data=data | {"name": "", "key": ""})
    assert refused.status_code == 422 and "No Name set" not in refused.text
    for name in ("name", "key"):
        assert re.search(rf'id="f-{name}-error">.*?</svg> Cannot be empty', refused.text)
    assert bob.post(f"{own}/{kind}", data=data).location == own
    assert shown in bob.get(own).text
    rule = (hook.matchers or hook.extract_values)[0]
    assert f'value="{data["name"]}"' in bob.get(f"{own}/{kind}/{rule.id}/edit").text
    edit, renamed = f"{own}/{kind}/{rule.id}/edit", data | {"name": "Renamed", "version": "0"}
    assert 'name="version" value="0"' in bob.get(edit).text
    assert bob.post(edit, data=renamed).location == own
    late = bob.post(edit, data=renamed | {"name": "Second"})
    assert late.status_code == 409 and "Save mine" in late.text and "Renamed" in late.text
    assert "Renamed" in bob.get(own).text
    bob.post(f"{own}/{kind}/{rule.id}/delete")
    assert "Renamed" not in bob.get(own).text


def test_deliveries_say_what_came_of_them_and_are_sent_again(
    browser: Browser, client: FlaskClient, project: Project, url: str, hook: Integration
) -> None:
    rule = factories.matcher(hook, "ref", "main")
    alias = factories.alias(project, hook)
    client.post(f"/api/integrations/{alias}", json={"ref": "<b>other</b>"}, headers={"X-A": "b"})
    bob, log = browser("bob"), f"{url}/{hook.id}/deliveries"
    page = bob.get(log).text
    assert "Not for it" in page and "Not met: ref" in page
    first = page.split(f'href="{log}/')[1].split('"')[0]
    page = bob.get(f"{log}/{first}").text
    assert "x-a: b" in page and "&lt;b&gt;other&lt;/b&gt;" in page and "<b>other" not in page
    rule.value = "<b>other</b>"
    factories.save()
    answer = bob.post(f"{log}/{first}/replay")
    page = bob.get(answer.location).text
    run = db.session.query(Task).one()
    assert "Started" in page and f"/runs/{run.id}" in page and f"{log}/{first}" in page
    assert (run.user.username, run.integration_id) == ("bob", hook.id)


def test_a_run_names_the_integration_that_started_it(
    browser: Browser, client: FlaskClient, project: Project, url: str, hook: Integration
) -> None:
    hook.name = "<On push>"
    client.post(f"/api/integrations/{factories.alias(project, hook)}", json={})
    run, dave, own = db.session.query(Task).one(), browser("dave"), f"/p/{project.id}"
    run.status = TaskStatus.RUNNING
    factories.save()
    shown = '#webhook"/></svg><span class="hidden">integration </span>&lt;On push&gt;'
    pages = ("/runs", "/templates", f"/templates/{run.template_id}", "/activity")
    for page in (own, *(own + path for path in pages)):
        assert shown in dave.get(page).text, page
    assert "The server" not in dave.get(f"{own}/activity?kind=task").text
    link = f'<a href="{url}/{hook.id}">&lt;On push&gt;</a>'
    assert link in dave.get(f"{own}/runs/{run.id}").text
    browser("bob").post(f"{url}/{hook.id}/delete")
    assert "On push" not in dave.get(f"{own}/runs").text
    assert "The server" in dave.get(f"{own}/activity?kind=task").text


def test_the_names_take_the_same_queries_however_many_there_are(
    browser: Browser, project: Project, template: TaskTemplate, count_queries: Any
) -> None:
    dave, own, sent = browser("dave"), f"/p/{project.id}", []
    for number in range(3):
        hook = factories.integration(template, f"Hook {number}")
        nightly = factories.schedule(template, f"Schedule {number}")
        for started in ({"integration_id": hook.id}, {"schedule_id": nightly.id}):
            running = {"status": TaskStatus.RUNNING} | started
            factories.task(factories.template(project, "T"), **running)
        if number:
            with count_queries() as statements:
                pages = [dave.get(own + path).text for path in ("/runs", "/templates", "")]
            assert all(f"Hook {number}" in page for page in pages)
            sent.append(len(statements))
    assert sent[0] == sent[1]


def test_a_large_request_is_not_sent_again_in_part(
    browser: Browser, url: str, hook: Integration
) -> None:
    delivery = factories.delivery(hook, body=b"{}", body_length=500_000)
    own = f"{url}/{hook.id}/deliveries/{delivery.id}"
    assert "too large to be kept whole" in browser("bob").get(own).text
    assert browser("bob").post(f"{own}/replay").status_code == 422
    assert db.session.query(Task).count() == 0


def test_what_a_stranger_has_sent_is_not_sent_again(
    browser: Browser, url: str, hook: Integration
) -> None:
    delivery = factories.delivery(hook, verdict="unauthorised")
    own = f"{url}/{hook.id}/deliveries/{delivery.id}"
    assert "Nobody knows who has sent it" in browser("bob").get(own).text
    assert browser("bob").post(f"{own}/replay").status_code == 422
    assert db.session.query(Task).count() == 0


def test_who_sends_it_again_does_not_answer_for_its_arguments(
    browser: Browser, client: FlaskClient, project: Project, url: str
) -> None:
    """He may give all arguments himself; these came from outside."""
    template = factories.template(
        project, app="ansible", playbook="site.yml", allow_override_args_in_task=True,
        inventory_id=factories.inventory(project).id,
    )  # fmt: skip
    hook = factories.integration(template)
    factories.extract_value(hook, "args", "arguments", variable_type="task")
    sent = {"args": json.dumps(["--become"])}
    client.post(f"/api/integrations/{factories.alias(project, hook)}", json=sent)
    bob, log = browser("bob"), f"{url}/{hook.id}/deliveries"
    first = integration_deliveries.list_for(hook).rows[0].id
    page = bob.get(bob.post(f"{log}/{first}/replay").location).text
    assert "Refused" in page and "may be given only by who may edit the template" in page
    assert db.session.query(Task).count() == 0


def test_addresses_of_project_and_integration(
    browser: Browser, project: Project, url: str, hook: Integration
) -> None:
    bob = browser("bob")
    for at in (url, f"{url}/{hook.id}"):
        bob.post(f"{at}/address")
        row = db.session.query(IntegrationAlias).one()
        assert f"http://localhost/api/integrations/{row.alias}" in bob.get(at).text
        assert bob.get(f"{at}/address/{row.id}/delete").status_code == 200
        bob.post(f"{at}/address/{row.id}/delete")
        assert "No address" in bob.get(at).text


def test_who_only_looks_sees_rules_but_no_requests(
    browser: Browser, project: Project, url: str, hook: Integration
) -> None:
    factories.delivery(hook, body=json.dumps({"a": 1}).encode(), body_length=8)
    dave = browser("dave")
    page = dave.get(f"{url}/{hook.id}").text
    assert "Deliveries" not in page and "Add condition" not in page
    assert dave.get(f"{url}/{hook.id}/deliveries").status_code == 403
    assert "Anybody" in dave.get(url).text

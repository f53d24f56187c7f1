"""Integrations, their rules and addresses over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project, TaskTemplate
from tests import factories

Api = Callable[[str], FlaskClient]
Json = Any


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project)


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/project/{project.id}/integrations"


def body(template: TaskTemplate, **changes: Json) -> Json:
    given = {"name": "hook", "project_id": template.project_id, "template_id": template.id}
    return given | {"auth_method": "", "searchable": False} | changes


def password(project: Project) -> int:
    return factories.access_key(project, "Secret", type="login_password").id


def test_an_integration_comes_back_as_it_was_sent(
    api: Api, url: str, project: Project, template: TaskTemplate
) -> None:
    key = password(project)
    sent = body(template, auth_method="token", auth_secret_id=key, auth_header="X-Token",
                searchable=True, task_params={"message": "From outside"})  # fmt: skip
    answer = api("bob").post(url, json=sent)
    assert answer.status_code == 201
    ours = {"when_waiting": "queue", "per_minute": 0}
    assert answer.json == sent | ours | {"id": answer.json["id"]}
    assert api("dave").get(f"{url}/{answer.json['id']}").json == answer.json
    assert api("dave").get(url).json == [answer.json]


def test_a_put_replaces_all_but_what_old_clients_do_not_know(
    api: Api, url: str, template: TaskTemplate
) -> None:
    row = factories.integration(template, when_waiting="skip", per_minute=5, searchable=True)
    sent = body(template, id=row.id, name="other")
    assert api("bob").put(f"{url}/{row.id}", json=sent).status_code == 204
    shown = api("bob").get(f"{url}/{row.id}").json
    assert shown == sent | {"when_waiting": "skip", "per_minute": 5, "auth_header": "",
                            "auth_secret_id": None}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": ""}, "No Name set for integration"),
        ({"template_id": 9999}, "template_id: There is no template 9999 in this project"),
        ({"auth_method": "nosuch"}, "auth_method: Must be one of none, token, hmac"),
        ({"auth_secret_id": 9999}, "auth_secret_id: There is no key 9999"),
        ({"auth_method": "github"}, "auth_secret_id: GitHub needs a key with a password"),
        ({"task_params": [1]}, "task_params"),
        ({"task_params": {"message": 1}}, "task_params: message"),
        ({"task_params": {"max_duration": -1}}, "task_params: max_duration"),
        ({"task_params": {"secret": '{"token": "x"}'}}, "task_params: An integration keeps no"),
        ({"project_id": 99}, "Project ID in body and URL must be the same"),
    ],
)
def test_what_is_wrong_is_named(
    api: Api, url: str, template: TaskTemplate, change: Json, why: str
) -> None:
    answer = api("bob").post(url, json=body(template, **change))
    assert answer.status_code == 400 and answer.json["error"].startswith(why)
    assert api("bob").get(url).json == []


def test_a_method_with_a_header_of_ones_own_needs_its_name(
    api: Api, url: str, project: Project, template: TaskTemplate
) -> None:
    sent = body(template, auth_method="hmac", auth_secret_id=password(project))
    assert "auth_header: HMAC-SHA256" in api("bob").post(url, json=sent).json["error"]
    ssh = factories.access_key(project, "SSH", type="ssh")
    sent = body(template, auth_method="github", auth_secret_id=ssh.id)
    assert "Choose a key with a password" in api("bob").post(url, json=sent).json["error"]


MATCHER = {"name": "ref is main", "match_type": "body", "method": "equals",
           "body_data_type": "json", "key": "ref", "value": "refs/heads/main"}  # fmt: skip
VALUE = {"name": "commit", "value_source": "body", "body_data_type": "json", "key": "head.id",
         "variable": "commit", "variable_type": "environment"}  # fmt: skip
KINDS = [("matchers", MATCHER, 200), ("values", VALUE, 201)]


@pytest.mark.parametrize(("kind", "sent", "status"), KINDS)
def test_rules_are_made_changed_and_deleted(
    api: Api, url: str, template: TaskTemplate, kind: str, sent: Json, status: int
) -> None:
    row = factories.integration(template)
    rules = f"{url}/{row.id}/{kind}"
    made = api("bob").post(rules, json=sent | {"integration_id": row.id})
    assert made.status_code == status
    assert made.json == sent | {"id": made.json["id"], "integration_id": row.id}
    one = f"{rules}/{made.json['id']}"
    assert api("bob").put(one, json=made.json | {"name": "renamed"}).status_code == 204
    assert api("dave").get(rules).json == [made.json | {"name": "renamed"}]
    assert api("dave").get(one).json["name"] == "renamed"
    assert api("dave").get(f"{one}/refs").json == {"integrations": []}
    refs = api("dave").get(f"{url}/{row.id}/refs").json
    assert refs[kind] == [{"id": made.json["id"], "name": "renamed"}]
    assert api("bob").delete(one).status_code == 204
    assert api("bob").delete(one).status_code == 404


@pytest.mark.parametrize(("kind", "sent", "status"), KINDS)
def test_a_rule_belongs_to_its_integration(
    api: Api, url: str, template: TaskTemplate, kind: str, sent: Json, status: int
) -> None:
    mine, other = factories.integration(template), factories.integration(template, "Other")
    made = api("bob").post(f"{url}/{mine.id}/{kind}", json=sent).json
    for method in ("get", "put", "delete"):
        answer = getattr(api("bob"), method)(f"{url}/{other.id}/{kind}/{made['id']}", json=sent)
        assert answer.status_code == 404
    for wrong in ({"id": 9999}, {"integration_id": other.id}):
        answer = api("bob").put(f"{url}/{mine.id}/{kind}/{made['id']}", json=sent | wrong)
        assert answer.status_code == 400 and "must be the same" in answer.json["error"]
    assert api("bob").get(f"{url}/{mine.id}/{kind}").json == [made]


@pytest.mark.parametrize(
    ("kind", "sent", "change", "why"),
    [
        ("matchers", MATCHER, {"match_type": ""}, "No Match Type set"),
        ("matchers", MATCHER, {"key": ""}, "No key set"),
        ("matchers", MATCHER, {"value": ""}, "No value set"),
        ("matchers", MATCHER, {"name": ""}, "No Name set for integration"),
        ("matchers", MATCHER, {"match_type": "zzz"}, "match_type: "),
        ("matchers", MATCHER, {"body_data_type": "xml"}, "body_data_type: "),
        ("values", VALUE, {"value_source": ""}, "No Value Source defined"),
        ("values", VALUE, {"name": ""}, "No Name set for integration"),
        ("values", VALUE, {"body_data_type": ""}, "Value Source but no body data type set"),
        ("values", VALUE, {"key": ""}, "No Key set for JSON Body Data extraction."),
        ("values", VALUE, {"value_source": "header", "key": ""}, "Value Source set but no Key"),
    ],
)
def test_incomplete_rules_are_refused_in_known_words(
    api: Api, url: str, template: TaskTemplate, kind: str, sent: Json, change: Json, why: str
) -> None:
    row = factories.integration(template)
    answer = api("bob").post(f"{url}/{row.id}/{kind}", json=sent | change)
    assert answer.status_code == 400 and answer.json["error"].startswith(why)
    assert api("bob").get(f"{url}/{row.id}/{kind}").json == []


def test_a_condition_may_come_the_other_way_round(
    api: Api, url: str, template: TaskTemplate
) -> None:
    """A provider for Terraform sends it so."""
    made = api("bob").post(url, json=body(template)).json
    sent = {"name": "z", "match_type": "equals", "method": "body", "key": "a", "value": "b"}
    sent |= {"integration_id": made["id"]}
    answer = api("bob").post(f"{url}/{made['id']}/matchers", json=sent)
    assert answer.status_code == 200
    assert (answer.json["match_type"], answer.json["method"]) == ("body", "equals")


def test_addresses_are_made_without_a_body_and_cannot_be_guessed(
    api: Api, url: str, template: TaskTemplate
) -> None:
    row = factories.integration(template)
    for path in (f"{url}/aliases", f"{url}/{row.id}/aliases"):
        first, second = (api("bob").post(path) for _ in range(2))
        assert first.status_code == 200 and first.json["url"] != second.json["url"]
        start, _, alias = first.json["url"].rpartition("/")
        assert start == "http://localhost/api/integrations"
        assert len(alias) == 16 and alias.isalnum() and alias == alias.lower()
        assert api("dave").get(path).json == [first.json, second.json]
        assert api("bob").delete(f"{path}/{first.json['id']}").status_code == 204
        assert api("bob").delete(f"{path}/{first.json['id']}").status_code == 404
        assert api("dave").get(path).json == [second.json]


def test_an_address_of_one_is_not_deleted_through_another(
    api: Api, url: str, template: TaskTemplate
) -> None:
    mine, other = factories.integration(template), factories.integration(template, "Other")
    alias = api("bob").post(f"{url}/{mine.id}/aliases").json["id"]
    assert api("bob").delete(f"{url}/{other.id}/aliases/{alias}").status_code == 404
    assert api("bob").delete(f"{url}/aliases/{alias}").status_code == 404
    assert len(api("bob").get(f"{url}/{mine.id}/aliases").json) == 1


def test_all_goes_with_its_template_and_the_key_alone_does_not(
    api: Api, url: str, project: Project, template: TaskTemplate
) -> None:
    key = password(project)
    row = factories.integration(template, auth_method="github", auth_secret_id=key)
    factories.matcher(row)
    factories.alias(project, row)
    bob = api("bob")
    assert bob.delete(f"/api/project/{project.id}/keys/{key}").status_code == 204
    assert bob.get(f"{url}/{row.id}").json["auth_secret_id"] is None
    assert bob.delete(f"/api/project/{project.id}/templates/{template.id}").status_code == 204
    assert bob.get(url).json == []

"""Integrations in a project's backup: the original's, and all of ours."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import db, transaction
from app.models import (
    Integration,
    IntegrationAlias,
    IntegrationDelivery,
    Project,
    Task,
    TaskTemplate,
)
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys
from tests import factories

Api = Callable[[str], FlaskClient]
Json = Any
WEBSHOP = Path(__file__).parents[1] / "golden" / "webshop-backup.json"  # of a real 2.10 server
SECRET = "s3cr3t-of-the-sender"
OWN, SHARED = "abcdefghijklmno1", "abcdefghijklmno2"


def restored(client: FlaskClient, backup: Json) -> int:
    answer = client.post("/api/projects/restore", json=backup)
    assert answer.status_code == 200, answer.text
    return answer.json["id"]


def backup_of(client: FlaskClient, project_id: int) -> Json:
    return client.get(f"/api/project/{project_id}/backup").json


def activity(client: FlaskClient, project_id: int) -> list[str]:
    return [row["description"] for row in client.get(f"/api/project/{project_id}/events").json]


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def password(project: Project) -> int:
    given = {"login": "ci", "password": SECRET}
    data = AccessKeyIn(name="Hook", type="login_password", login_password=given)
    with transaction():
        return access_keys.create(project, data, actor=None).id


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    inventory = factories.inventory(project)
    return factories.template(
        project, "T", app="ansible", playbook="site.yml", inventory_id=inventory.id,
        task_params={"allow_override_inventory": True},
    )  # fmt: skip


@pytest.fixture
def hook(project: Project, template: TaskTemplate) -> Integration:
    """One with all that there is, beside another one of its name."""
    row = factories.integration(
        template, auth_method="hmac", auth_header="X-Sig", auth_secret_id=password(project),
        searchable=True, when_waiting="skip", per_minute=5,
        task_params={"message": "m", "inventory_id": template.inventory_id, "build_task_id": 7},
    )  # fmt: skip
    factories.matcher(row, "ref", "refs/heads/main")
    factories.matcher(row, "X-Event", "push", match_type="header", method="contains")
    factories.extract_value(row, "head.id", "commit")
    factories.extract_value(row, "ref", "git_branch", variable_type="task", name="branch")
    factories.alias(project, row, OWN)
    factories.alias(project, name=SHARED)
    factories.integration(template)
    return row


def test_those_of_a_real_server_come_back(api: Api, project: Project, client: FlaskClient) -> None:
    original = json.loads(WEBSHOP.read_text())
    again = restored(api("root"), original)
    found = backup_of(api("root"), again)
    assert found["integration_aliases"] == original["integration_aliases"]
    ours = {"when_waiting": "queue", "per_minute": 0}
    for entry, kept in zip(original["integrations"], found["integrations"], strict=True):
        values = [value | {"variable_type": "environment"} for value in entry["extract_values"]]
        assert kept == entry | ours | {"extract_values": values}
    (alias,) = original["integrations"][1]["aliases"]
    assert client.post(f"/api/integrations/{alias}", data=b"{}").status_code == 204
    delivery = db.session.scalars(select(IntegrationDelivery)).one()
    assert (delivery.project_id, delivery.verdict) == (again, "unauthorised")
    assert delivery.reason == "Its key is gone, cannot be read or has no password"


def test_one_is_told_whole_and_without_its_secret(
    api: Api, project: Project, hook: Integration
) -> None:
    answer = api("bob").get(f"/api/project/{project.id}/backup")
    assert SECRET not in answer.text
    assert answer.json["integrations"][0] == {
        "name": "Hook", "template": "T", "auth_method": "hmac", "auth_header": "X-Sig",
        "auth_secret": "Hook", "searchable": True, "when_waiting": "skip", "per_minute": 5,
        "inventory": "Hosts", "task_params": {"message": "m"}, "aliases": [OWN],
        "matchers": [
            {"name": "ref", "match_type": "body", "method": "equals", "body_data_type": "json",
             "key": "ref", "value": "refs/heads/main"},
            {"name": "X-Event", "match_type": "header", "method": "contains",
             "body_data_type": "json", "key": "X-Event", "value": "push"},
        ],
        "extract_values": [
            {"name": "commit", "value_source": "body", "body_data_type": "json", "key": "head.id",
             "variable": "commit", "variable_type": "environment"},
            {"name": "branch", "value_source": "body", "body_data_type": "json", "key": "ref",
             "variable": "git_branch", "variable_type": "task"},
        ],
    }  # fmt: skip
    assert answer.json["integrations"][1]["name"] == "Hook - 2"
    assert answer.json["integration_aliases"] == [SHARED]


def test_they_come_back_where_their_project_is_gone(
    api: Api, project: Project, hook: Integration
) -> None:
    root, old = api("root"), hook.task_params["inventory_id"]
    backup = backup_of(root, project.id)
    assert root.delete(f"/api/project/{project.id}").status_code == 204
    again = restored(root, backup)
    assert backup_of(root, again) == backup
    mine = root.get(f"/api/project/{again}/inventory").json[0]["id"]
    row = root.get(f"/api/project/{again}/integrations").json[0]
    assert row["task_params"] == {"message": "m", "inventory_id": mine} and mine != old
    assert not any("instead of" in line for line in activity(root, again))


def test_an_address_is_never_taken_from_its_project(
    app: Flask, api: Api, project: Project, hook: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backup_of(api("root"), project.id)
    everybodys = "abcdefghijklmno3"
    backup["integration_aliases"].append(everybodys)
    config = replace(app.config["HELIOGRAPH"], INTEGRATION_ALIAS=everybodys)
    monkeypatch.setitem(app.config, "HELIOGRAPH", config)
    again = restored(api("root"), backup)
    found = backup_of(api("root"), again)
    (own,), shared = found["integrations"][0]["aliases"], found["integration_aliases"]
    assert len({own, *shared, OWN, SHARED, everybodys}) == 6
    told = activity(api("root"), again)
    for kind, new, old in (
        ("Integration Hook", own, OWN),
        ("Project Alice's project", shared[0], SHARED),
        ("Project Alice's project", shared[1], everybodys),
    ):
        assert (
            f"{kind} got the address {new} instead of {old}, which is taken on this server" in told
        )
    owners = select(IntegrationAlias.project_id).where(IntegrationAlias.alias.in_([OWN, SHARED]))
    assert list(db.session.scalars(owners)) == [project.id] * 2


@pytest.mark.parametrize("left", ["nothing", "a private key"])
def test_one_whose_key_is_gone_comes_back_and_lets_nobody_in(
    api: Api, client: FlaskClient, project: Project, template: TaskTemplate, left: str
) -> None:
    ssh = factories.access_key(project, "SSH", type="ssh").id if left == "a private key" else None
    row = factories.integration(template, auth_method="github", auth_secret_id=ssh)
    factories.alias(project, row, OWN)
    root, backup = api("root"), backup_of(api("root"), project.id)
    assert root.delete(f"/api/project/{project.id}").status_code == 204
    again = restored(root, backup)
    assert backup_of(root, again) == backup
    client.post(f"/api/integrations/{OWN}", data=b"{}")
    assert db.session.scalars(select(IntegrationDelivery.verdict)).all() == ["unauthorised"]
    assert count(Task) == 0


MATCHER = {"name": "m", "match_type": "body", "method": "equals", "body_data_type": "json",
           "key": "ref", "value": "main"}  # fmt: skip
VALUE = {"name": "v", "value_source": "body", "body_data_type": "json", "key": "ref"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "integrations[0].name: No Name set for integration"),
        ({"name": "Hook - 2"}, "integrations[1].name: “Hook - 2” is there twice"),
        ({"name": 5}, "integrations[0].name: "),
        ({"template": "Nope"}, "integrations[0].template: There is no “Nope” among the templates"),
        ({"template": ""}, "integrations[0].template: A name is needed"),
        ({"auth_secret": "Nope"}, "integrations[0].auth_secret: There is no “Nope” among the keys"),
        ({"inventory": "Nope"}, "integrations[0].inventory: There is no “Nope”"),
        ({"auth_method": "gpg"}, "integrations[0].auth_method: Must be one of none, token"),
        ({"auth_header": ""}, "integrations[0].auth_header: HMAC-SHA256: name the header"),
        ({"per_minute": -1}, "integrations[0].per_minute: "),
        ({"when_waiting": "wait"}, "integrations[0].when_waiting: "),
        ({"task_params": [1]}, "integrations[0].task_params: "),
        ({"task_params": {"message": 5}}, "integrations[0].task_params: message: "),
        ({"task_params": {"inventory_id": 5}}, "integrations[0].task_params: inventory_id: A file"),
        ({"task_params": {"secret": '{"a": "b"}'}}, "integrations[0].task_params: An integration"),
        ({"matchers": {}}, "integrations[0].matchers: "),
        ({"matchers": [MATCHER, MATCHER | {"value": ""}]},
         "integrations[0].matchers[1]: No value set"),
        ({"matchers": [MATCHER | {"method": "like"}]}, "integrations[0].matchers[0].method: "),
        ({"extract_values": [VALUE | {"body_data_type": "xml"}]},
         "integrations[0].extract_values[0].body_data_type: "),
        ({"extract_values": [VALUE, VALUE | {"key": ""}]},
         "integrations[0].extract_values[1]: No Key set for JSON"),
        ({"aliases": ["short"]}, "integrations[0].aliases[0]: Must be 16 of the characters a-z"),
        ({"aliases": [OWN, "../../api/projec"]}, "integrations[0].aliases[1]: Must be 16 of"),
        ({"aliases": [5]}, "integrations[0].aliases[0]: "),
        ({"aliases": [OWN, OWN]}, f"integrations[0].aliases[1]: “{OWN}” is there twice"),
        ({"aliases": [SHARED]}, f"integration_aliases[0]: “{SHARED}” is there twice"),
    ],
)  # fmt: skip
def test_a_wrong_one_refuses_the_file_and_nothing_is_stored(
    api: Api, project: Project, hook: Integration, change: Json, said: str
) -> None:
    kinds = (Project, Integration, IntegrationAlias)
    before = [count(kind) for kind in kinds]
    backup = backup_of(api("root"), project.id)
    backup["integrations"][0] |= change
    answer = api("root").post("/api/projects/restore", json=backup)
    assert answer.status_code == 400
    assert answer.json["error"].startswith(said)
    assert [count(kind) for kind in kinds] == before

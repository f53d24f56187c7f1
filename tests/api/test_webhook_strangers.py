"""Whom an integration does not let in, and what an empty parameter of its own asks for."""

import json
from base64 import b64encode
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transaction
from app.lib.keyring import KeyringError
from app.models import Integration, IntegrationDelivery, Project, Task
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys, integration_deliveries, secrets, webhooks
from tests import factories

SECRET = "vaultpw-of-the-hook"
PUSH = {"ref": "refs/heads/main"}


@pytest.fixture
def hook(project: Project) -> Integration:
    template = factories.template(project, allow_any_vars_in_task=True, allow_parallel_tasks=True)
    return factories.integration(template, auth_method="token", auth_header="X-Token")


@pytest.fixture
def url(project: Project, hook: Integration) -> str:
    return f"/api/integrations/{factories.alias(project, hook)}"


@pytest.fixture
def key(project: Project, hook: Integration) -> None:
    given = {"login": "", "password": SECRET}
    data = AccessKeyIn(name="Hook", type="login_password", login_password=given)
    with transaction():
        made = access_keys.create(project, data, actor=None)
        db.session.get_one(Integration, hook.id).auth_secret_id = made.id


def send(client: FlaskClient, url: str, token: str = SECRET) -> None:
    answer = client.post(url, json=PUSH, headers={"X-Token": token})
    assert (answer.status_code, answer.data) == (204, b"")


def log() -> list[tuple[str, str]]:
    db.session.expire_all()
    rows = db.session.scalars(select(IntegrationDelivery).order_by(IntegrationDelivery.id))
    return [(row.verdict, row.reason) for row in rows]


def test_without_its_key_nobody_is_let_in(client: FlaskClient, url: str) -> None:
    send(client, url, "")
    assert log() == [("unauthorised", webhooks.NO_PROOF)]


@pytest.mark.usefixtures("key")
def test_a_key_that_cannot_be_read_lets_nobody_in(
    client: FlaskClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_row: Any) -> str:
        raise KeyringError("no key")

    monkeypatch.setattr(secrets, "open", refuse)
    send(client, url)
    assert log() == [("unauthorised", webhooks.NO_PROOF)]


@pytest.mark.usefixtures("key")
def test_strangers_do_not_fill_the_disk(
    client: FlaskClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration_deliveries, "STRANGERS_KEPT", 2)
    for _ in range(4):
        send(client, url, "no")
    assert [verdict for verdict, _ in log()] == ["unauthorised"] * 2
    send(client, url)
    assert [verdict for verdict, _ in log()] == ["unauthorised"] * 2 + ["started"]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("text", ["[]", "null", " ", "{}"])
def test_empty_answers_of_its_own_are_none(
    client: FlaskClient, url: str, hook: Integration, text: str
) -> None:
    hook.task_params = {"environment": text}
    factories.extract_value(hook, "ref", "region")
    send(client, url)
    assert log() == [("started", "")]
    run = db.session.scalars(select(Task)).one()
    assert json.loads(run.environment) == {"region": "refs/heads/main"}


@pytest.mark.parametrize(
    ("method", "headers", "reason"),
    [
        ("token", {}, "Token: X-Token is missing"),
        ("token", {"X-Token": "no"}, "Token: X-Token is wrong"),
        ("hmac", {"X-Token": "abc"}, "HMAC-SHA256: X-Token is that of another secret or body"),
        ("github", {}, "GitHub: X-Hub-Signature-256 is missing"),
        ("github", {"X-Hub-Signature-256": "sha1=a"},
         "GitHub: X-Hub-Signature-256 does not begin with sha256="),
        ("basic", {}, "Login and password: Authorization is missing"),
        ("basic", {"Authorization": "Basic OnRlc3Q="},
         "Login and password: login or password is wrong"),
        ("standard", {"webhook-id": "1"}, "Standard Webhooks: webhook-timestamp is missing"),
        ("standard", {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,a"},
         "Standard Webhooks: webhook-timestamp is more than 5 minutes off the clock here"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("key")
def test_the_log_says_what_is_wrong_with_a_proof(
    client: FlaskClient, url: str, hook: Integration, method: str, headers: dict, reason: str
) -> None:
    hook.auth_method = method
    factories.save()
    client.post(url, json=PUSH, headers=headers)
    assert log() == [("unauthorised", reason)]


@pytest.mark.usefixtures("key")
def test_a_password_alone_is_a_login_and_password(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    hook.auth_method = "basic"
    factories.save()
    for login, verdict in (("any", "unauthorised"), ("", "started")):
        coded = b64encode(f"{login}:{SECRET}".encode()).decode()
        client.post(url, json=PUSH, headers={"Authorization": f"Basic {coded}"})
        assert log()[-1][0] == verdict

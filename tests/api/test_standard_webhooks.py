"""Messages of Standard Webhooks, as GitLab sends them with a signing token."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transaction
from app.models import Integration, IntegrationDelivery, Project
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys
from tests import factories

SECRET = b"32 bytes that nobody can guess.."
TOKEN = f"whsec_{base64.b64encode(SECRET).decode()}"
BODY = json.dumps({"ref": "refs/heads/main"})


@pytest.fixture
def url(project: Project) -> str:
    part = {"login": "", "password": TOKEN}
    data = AccessKeyIn(name="Hook", type="login_password", login_password=part)
    with transaction():
        key = access_keys.create(project, data, actor=None)
    hook: Integration = factories.integration(
        factories.template(project), auth_method="standard", auth_secret_id=key.id
    )
    return f"/api/integrations/{factories.alias(project, hook)}"


def send(client: FlaskClient, url: str, stamp: str, body: str = BODY, number: str = "1") -> None:
    digest = hmac.new(SECRET, f"{number}.{stamp}.{body}".encode(), hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    headers = {
        "webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": signature,
    }  # fmt: skip
    assert client.post(url, data=body, headers=headers).status_code == 204


def verdicts() -> list[str]:
    query = select(IntegrationDelivery.verdict).order_by(IntegrationDelivery.id)
    return list(db.session.scalars(query))


def test_a_message_counts_once(client: FlaskClient, url: str) -> None:
    now = str(int(time.time()))
    send(client, url, now)
    send(client, url, now)
    send(client, url, now, number="2")
    assert verdicts() == ["started", "duplicate", "started"]


@pytest.mark.parametrize("age", [290, -290])
def test_clocks_may_differ_a_little(client: FlaskClient, url: str, age: int) -> None:
    send(client, url, str(int(time.time()) - age))
    assert verdicts() == ["started"]


@pytest.mark.parametrize("age", [310, -310])
def test_an_old_message_is_refused(client: FlaskClient, url: str, age: int) -> None:
    send(client, url, str(int(time.time()) - age))
    assert verdicts() == ["unauthorised"]


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "9" * 400, "²", "soon"])
def test_a_stamp_is_a_number_of_seconds(client: FlaskClient, url: str, stamp: str) -> None:
    send(client, url, stamp)
    assert verdicts() == ["unauthorised"]

"""The command for a terminal that calls an integration."""

import os
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Integration, Project, TaskTemplate
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys, integration_deliveries
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


@pytest.fixture
def hook(template: TaskTemplate) -> Integration:
    return factories.integration(template)


@pytest.mark.parametrize(
    ("method", "header"),
    [
        ("none", ""),
        ("token", "X-Token"),
        ("token", "X-'$(touch /tmp/never)'"),
        ("hmac", "X-Signature"),
        ("hmac_sha512", "X-Signature"),
        ("github", ""),
        ("bitbucket", ""),
        ("standard", ""),
        ("basic", ""),
    ],
)
def test_its_command_for_a_terminal_proves_who_sends(
    browser: Browser, client: FlaskClient, project: Project, url: str, hook: Integration,
    method: str, header: str,
) -> None:  # fmt: skip
    """The page shows no secret: the shell has it."""
    secret = {"login": "deploy", "password": 'it\'s "secret" $HOME'}
    hook.auth_method, hook.auth_header = method, header
    data = {"name": "Hook", "type": "login_password", "login_password": secret}
    key = access_keys.create(project, AccessKeyIn.model_validate(data), actor=None)
    hook.auth_secret_id = key.id
    db.session.commit()
    alias = factories.alias(project, hook)
    page = browser("bob").get(f"{url}/{hook.id}").text
    assert "it's" not in unescape(page)
    command = unescape(re.search(r'aria-label="A request with curl">(.*?)</pre>', page, re.S)[1])
    sent = sent_by(command, {"SECRET": secret["password"], "LOGIN": secret["login"]})
    assert sent.url.endswith(f"/api/integrations/{alias}")
    client.post(f"/api/integrations/{alias}", data=sent.body, headers=sent.headers)
    (delivery,) = integration_deliveries.list_for(hook).rows
    assert (delivery.verdict, delivery.reason) == ("started", "")


@dataclass
class Sent:
    url: str
    body: str
    headers: dict[str, str]


def sent_by(command: str, variables: dict[str, str]) -> Sent:
    """What curl would send; in its place stands one that tells its arguments."""
    script = "curl() { printf '%s\\0' \"$@\"; }\n" + command
    told = subprocess.run(
        ["bash", "-euc", script], env=os.environ | variables, capture_output=True, check=True
    )
    words = told.stdout.decode().split("\0")
    options = list(pairwise(words))
    headers = dict(value.split(": ", 1) for option, value in options if option == "-H")
    for option, value in options:
        if option == "-u":
            headers["Authorization"] = f"Basic {b64encode(value.encode()).decode()}"
    body = next(value for option, value in options if option == "--data-binary")
    return Sent(words[3], body, headers)

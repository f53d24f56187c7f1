"""Private keys in the form of a key: pasted, picked as a file, refused at their field."""

import io
import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import AccessKey, Project
from app.services import secrets
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
SENT = {"name": "Deploy", "type": "ssh", "ssh.login": "deploy"}


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/keys"


def stored() -> list[AccessKey]:
    db.session.rollback()
    return list(db.session.scalars(select(AccessKey)))


def test_a_pasted_key_is_stored_with_what_it_is(browser: Browser, url: str) -> None:
    text = factories.private_key("open sesame")
    sent = SENT | {"ssh.private_key": text.replace("\n", "\r\n"), "ssh.passphrase": "open sesame"}
    assert browser("bob").post(url, data=sent, headers=HX).status_code == 204
    made = stored()[0]
    assert json.loads(secrets.open(made)) == {
        "login": "deploy",
        "passphrase": "open sesame",
        "private_key": text,
    }
    page = browser("dave").get(url).text
    assert "SSH key, ED25519" in page
    assert made.fingerprint in page
    assert "PRIVATE KEY" not in browser("bob").get(f"{url}/{made.id}/edit").text


def test_a_key_is_picked_as_a_file(browser: Browser, url: str) -> None:
    text = factories.private_key()
    file = (io.BytesIO(text.encode()), "id_ed25519")
    assert browser("bob").post(url, data=SENT | {"ssh.file": file}).status_code == 303
    assert json.loads(secrets.open(stored()[0]))["private_key"] == text


def test_a_file_that_is_no_key_is_refused_at_the_field(browser: Browser, url: str) -> None:
    file = (io.BytesIO(b"\xff\x00PNG no key"), "picture.png")
    answer = browser("bob").post(url, data=SENT | {"ssh.file": file})
    assert answer.status_code == 422
    assert re.search(r'id="f-ssh\.private_key-error">.*This is no private key', answer.text)
    assert stored() == []


def test_a_wrong_passphrase_is_refused_at_its_field_and_the_key_comes_back(
    browser: Browser, url: str
) -> None:
    text = factories.private_key("open sesame")
    sent = SENT | {"ssh.private_key": text, "ssh.passphrase": "wrong-phrase"}
    answer = browser("bob").post(url, data=sent, headers=HX)
    assert answer.status_code == 422
    assert re.search(r'id="f-ssh\.passphrase-error">.*not the passphrase', answer.text)
    assert text.splitlines()[1] in answer.text
    assert "wrong-phrase" not in answer.text


def test_a_refused_key_is_text(browser: Browser, url: str) -> None:
    sent = SENT | {"ssh.private_key": "</textarea><script>alert(1)</script>"}
    answer = browser("bob").post(url, data=sent)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text

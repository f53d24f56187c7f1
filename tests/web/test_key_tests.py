"""The test of a key as its page shows it; what a worker finds is in services/test_key_probes."""

import pytest

from app.db import db
from app.services import probing
from tests import factories
from tests.answers import waiting
from tests.services.test_key_probes import private_key, stored

HX = {"HX-Request": "true"}


@pytest.fixture
def worker(project):
    factories.worker()


def look() -> None:
    job = waiting()[-1]
    probing.look(job.id, *job.args)
    db.session.rollback()


def test_a_worker_is_asked_and_the_dialog_waits_for_it(browser, project, worker) -> None:
    key = stored(project, "login_password", password="secret-1")
    url = f"/p/{project.id}/keys/{key.id}/test"
    html = browser("bob").get(url, headers=HX).text
    assert "A worker is looking" in html and f'hx-get="{url}"' in html and "<h1" not in html
    look()
    html = browser("bob").get(url, headers=HX).text
    assert "It can be used." in html and "secret-1" not in html


def test_an_ssh_key_shows_its_public_half(browser, project, worker, tmp_path) -> None:
    text, fingerprint = private_key(tmp_path, "sesame open")
    key = stored(project, "ssh", private_key=text, passphrase="sesame open")
    url = f"/p/{project.id}/keys/{key.id}/test"
    browser("bob").get(url)
    look()
    html = browser("bob").get(url).text
    assert fingerprint in html and "ssh-ed25519 AAAA" in html and "<h1" in html
    assert "PRIVATE" not in html


def test_what_is_wrong_is_said_and_can_be_tested_again(browser, project, worker, tmp_path) -> None:
    text, _ = private_key(tmp_path, "sesame open")
    key = stored(project, "ssh", private_key=text, passphrase="wrong one")
    url = f"/p/{project.id}/keys/{key.id}/test"
    browser("bob").get(url)
    look()
    html = browser("bob").get(url, headers=HX).text
    assert "It cannot be used." in html and "is wrong" in html
    assert "A worker is looking" in browser("bob").post(url, headers=HX).text


def test_the_list_offers_it_to_those_who_manage_keys(browser, project) -> None:
    key = factories.access_key(project, "Deploy")
    assert f"/keys/{key.id}/test" in browser("bob").get(f"/p/{project.id}/keys").text
    assert f"/keys/{key.id}/test" not in browser("carol").get(f"/p/{project.id}/keys").text

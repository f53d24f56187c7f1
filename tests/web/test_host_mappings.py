"""Host mappings and known hosts, the two other tabs of the keys."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.extensions import queue
from app.models import HostConfig, HostKey, Project
from app.services import probes
from tests import factories
from tests.factories import PUBLIC_KEY

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}


@pytest.fixture
def hosts(project: Project) -> str:
    return f"/p/{project.id}/keys/hosts"


@pytest.fixture
def known(project: Project) -> str:
    return f"/p/{project.id}/keys/known"


@pytest.fixture
def key_id(project: Project) -> str:
    return str(factories.access_key(project, "Deploy", type="ssh").id)


def stored(model: type) -> list:
    db.session.rollback()
    return list(db.session.scalars(select(model).order_by(model.id)))


def test_a_mapping_is_made_changed_and_deleted(browser: Browser, hosts: str, key_id: str) -> None:
    bob = browser("bob")
    sent = {"type": "host", "host": " git.example.test ", "ssh_key_id": key_id}
    assert bob.post(hosts, data=sent, headers=HX).status_code == 204
    made = stored(HostConfig)[0]
    assert made.host == "git.example.test"
    page = browser("dave").get(hosts).text
    assert "git.example.test" in page
    assert "Deploy" in page
    assert "New host mapping" not in page
    change = {"type": "url", "host": "https://git.example.test/team", "ssh_key_id": key_id}
    assert bob.post(f"{hosts}/{made.id}/edit", data=change | {"version": "0"}).status_code == 303
    assert stored(HostConfig)[0].type == "url"
    assert "Deploy" in bob.get(f"{hosts}/{made.id}/delete").text
    assert bob.post(f"{hosts}/{made.id}/delete", headers=HX).status_code == 204
    assert stored(HostConfig) == []
    assert "No host mappings yet" in bob.get(hosts).text


@pytest.mark.parametrize(
    ("changed", "field", "text"),
    [
        ({"host": "a\nProxyCommand id"}, "host", "Host must be a host name"),
        ({"host": ""}, "host", "Host or URL can not be empty"),
        ({"ssh_key_id": ""}, "ssh_key_id", "Choose a key of this project"),
        ({"ssh_key_id": "999"}, "ssh_key_id", "There is no key 999 in this project"),
    ],
)
def test_a_refused_mapping_names_its_field(
    browser: Browser, hosts: str, key_id: str, changed: dict, field: str, text: str
) -> None:
    sent = {"type": "host", "host": "git.example.test", "ssh_key_id": key_id} | changed
    answer = browser("bob").post(hosts, data=sent, headers=HX)
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-error">.*{text}', answer.text)
    assert stored(HostConfig) == []


def test_a_stale_mapping_shows_both_keys_by_name(
    browser: Browser, hosts: str, key_id: str, project: Project
) -> None:
    mapping = factories.host_config(project, lock_version=3)
    sent = {"type": "host", "host": "new.example.test", "ssh_key_id": key_id, "version": "2"}
    answer = browser("bob").post(f"{hosts}/{mapping.id}/edit", data=sent, headers=HX)
    assert answer.status_code == 409
    assert re.search(r"<dt>Key</dt>\s*<dd>Mapped</dd>", answer.text)


def test_a_known_host_is_pinned_and_deleted(browser: Browser, known: str) -> None:
    bob = browser("bob")
    line = f"[web1.example.test]:2222 ssh-ed25519 {PUBLIC_KEY} comment"
    assert bob.post(known, data={"lines": f"# scanned\n{line}"}, headers=HX).status_code == 204
    made = stored(HostKey)[0]
    assert (made.host, made.port, made.type) == ("web1.example.test", 2222, "ssh-ed25519")
    page = browser("dave").get(known).text
    assert "[web1.example.test]:2222" in page
    assert "SHA256:" in page
    assert "/delete" not in page
    assert "[web1.example.test]:2222" in bob.get(f"{known}/{made.id}/delete").text
    assert bob.post(f"{known}/{made.id}/delete").status_code == 303
    assert stored(HostKey) == []
    assert "No known hosts yet" in bob.get(known).text


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("", "Paste at least one line"),
        ("web1", "Line 1: must be a host, a type and a key"),
        (f"|1|aa=|bb= ssh-ed25519 {PUBLIC_KEY}", "Line 1: its host name is hashed"),
        (f"@revoked web1 ssh-ed25519 {PUBLIC_KEY}", "Line 1: @revoked is not supported"),
        (f"web1 ssh-rsa {PUBLIC_KEY}", "Line 1: this is no key of type ssh-rsa"),
        ("web1 ssh-ed25519 ***", "Line 1: the key is not base64"),
        (f"<b>x</b> ssh-ed25519 {PUBLIC_KEY}", "Line 1: &#39;&lt;b&gt;x&lt;/b&gt;&#39; is no host"),
    ],
)
def test_what_is_no_known_host_is_refused(
    browser: Browser, known: str, lines: str, text: str
) -> None:
    answer = browser("bob").post(known, data={"lines": lines}, headers=HX)
    assert answer.status_code == 422
    assert text in answer.text
    assert stored(HostKey) == []


def test_names_are_text(browser: Browser, hosts: str, known: str, project: Project) -> None:
    hostile = """"><script>alert(1)</script>"""
    mapping = factories.host_config(project, hostile)
    pinned = factories.host_key(project, hostile)
    pages = (hosts, f"{hosts}/{mapping.id}/edit", f"{hosts}/{mapping.id}/delete", known)
    for url in (*pages, f"{known}/{pinned.id}/delete"):
        assert "<script>alert" not in browser("bob").get(url).text


def scan(client: FlaskClient, known: str, address: str) -> str:
    sent = {"do": "scan", "address": address, "lines": ""}
    return client.post(known, data=sent, headers=HX).text


def settle(answer: dict | None, reason: str = "") -> None:
    job = queue(probes.queue_name()).jobs[-1]
    probes.settle(job.args[0], job.id, answer, reason)


def test_a_scan_fills_in_the_lines_and_pins_nothing(browser: Browser, known: str) -> None:
    factories.worker()
    bob = browser("bob")
    assert "Asking the host" in scan(bob, known, "[Web1.example.test]:2222")
    dss = {"type": "ssh-dss", "key": "AAAA", "fingerprint": ""}
    settle({"keys": [{"type": "ssh-ed25519", "key": PUBLIC_KEY, "fingerprint": "x"}, dss]})
    form = scan(bob, known, "[web1.example.test]:2222")
    assert "Compare before you pin" in form
    assert "SHA256:UQ4sgLIoJVj9dhhUiGFaxRB7NSOqvFxac1Ta1Yct8dc" in form
    line = f"[web1.example.test]:2222 ssh-ed25519 {PUBLIC_KEY}"
    assert line in form
    assert "ssh-dss" not in form
    assert stored(HostKey) == []
    assert bob.post(known, data={"lines": line}, headers=HX).status_code == 204


def test_a_failed_scan_says_why(browser: Browser, known: str) -> None:
    factories.worker()
    bob = browser("bob")
    scan(bob, known, "web1")
    settle(None, "web1 <b>refuses</b> the connection")
    assert "web1 &lt;b&gt;refuses&lt;/b&gt; the connection" in scan(bob, known, "web1")


def test_without_a_worker_nothing_is_scanned(browser: Browser, known: str) -> None:
    assert "No worker is online" in scan(browser("bob"), known, "web1")


@pytest.mark.parametrize("address", ["", "user@web1", "-oProxyCommand=id", "[web1]:99999", "a b"])
def test_what_is_no_host_is_not_scanned(browser: Browser, known: str, address: str) -> None:
    factories.worker()
    sent = {"do": "scan", "address": address}
    answer = browser("bob").post(known, data=sent, headers=HX)
    assert answer.status_code == 422
    assert re.search(r'id="f-address-error">', answer.text)
    assert queue(probes.queue_name()).count == 0

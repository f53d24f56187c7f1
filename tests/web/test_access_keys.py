"""Keys: the list, their form, which never shows a secret, and how one goes away."""

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import AccessKey, Project, TemplateVault
from app.services import secrets
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
LOGIN = {
    "name": "Registry",
    "type": "login_password",
    "login_password.login": "ci",
    "login_password.password": "s3cret-word",
}


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/keys"


def stored() -> list[AccessKey]:
    db.session.rollback()
    return list(db.session.scalars(select(AccessKey).order_by(AccessKey.id)))


@pytest.fixture
def login(browser: Browser, url: str) -> AccessKey:
    browser("bob").post(url, data=LOGIN)
    return stored()[-1]


def test_the_list_is_a_page_and_a_fragment(browser: Browser, url: str, project: Project) -> None:
    key = factories.access_key(
        project, "Deploy", type="ssh", secret="x", key_kind="ED25519", fingerprint="SHA256:abc"
    )
    factories.repository(project, name="Shop", ssh_key_id=key.id)
    factories.inventory(project, "Hosts", ssh_key_id=key.id, become_key_id=key.id)
    factories.host_config(project, "git.example.test", ssh_key_id=key.id)
    page = browser("dave").get(url).text
    for text in ("1 key", "SSH key, ED25519", "SHA256:abc", "Hosts, Shop and 1 more", "never"):
        assert text in page
    assert "New key" not in page
    assert "/edit" not in page
    fragment = browser("bob").get(url, headers=HX).text
    assert f'id="key-{key.id}"' in fragment
    assert "<h1" not in fragment


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=depl", True),
        ("q=sha256:AB", True),
        ("q=%25", False),
        ("type=ssh", True),
        ("type=none", False),
    ],
)
def test_the_filter_looks_at_name_fingerprint_and_type(
    browser: Browser, url: str, project: Project, query: str, found: bool
) -> None:
    factories.access_key(project, "Deploy", type="ssh", fingerprint="SHA256:abc")
    page = browser("dave").get(f"{url}?{query}").text
    assert (">Deploy</span>" in page) is found
    assert ("No keys match" in page) is not found


def test_an_empty_list_says_what_a_key_is(browser: Browser, url: str) -> None:
    assert "No keys yet" in browser("bob").get(url).text


def test_a_key_without_its_secret_is_marked_and_asks_for_it(
    browser: Browser, url: str, project: Project
) -> None:
    key = factories.access_key(project, "Restored", type="ssh")
    assert "Empty" in browser("dave").get(url).text
    assert re.search(
        r'override_secret"[^>]*checked', browser("bob").get(f"{url}/{key.id}/edit").text
    )


def test_secrets_of_variable_groups_are_no_keys(
    browser: Browser, url: str, project: Project
) -> None:
    group = factories.environment(project)
    hidden = factories.access_key(
        project, "TOKEN", type="string", owner="environment", environment_id=group.id
    )
    assert "TOKEN" not in browser("bob").get(url).text
    assert browser("bob").get(f"{url}/{hidden.id}/edit").status_code == 404


def test_the_form_is_a_page_and_a_sheet(browser: Browser, url: str) -> None:
    page, sheet = (browser("bob").get(f"{url}/new", headers=h).text for h in ({}, HX))
    assert "<h1" in page
    assert "hx-post" not in page
    assert 'enctype="multipart/form-data"' in page
    assert 'id="sheet-title">New key' in sheet
    assert 'hx-encoding="multipart/form-data"' in sheet
    for text in (page, sheet):
        assert 'name="ssh.private_key"' in text


@pytest.mark.parametrize(
    ("kind", "field"),
    [("ssh", "ssh.passphrase"), ("login_password", "login_password.password"), ("none", "without")],
)
def test_each_type_has_its_fields_with_and_without_scripts(
    browser: Browser, url: str, kind: str, field: str
) -> None:
    for path in (f"/_fields?type={kind}", f"/new?type={kind}"):
        assert field in browser("bob").get(url + path).text


def test_it_creates(browser: Browser, url: str) -> None:
    answer = browser("bob").post(url, data=LOGIN, headers=HX)
    assert answer.status_code == 204
    assert "refresh:keys" in answer.headers["HX-Trigger"]
    made = stored()[-1]
    assert (made.name, made.type) == ("Registry", "login_password")
    assert json.loads(secrets.open(made)) == {"login": "ci", "password": "s3cret-word"}


@pytest.mark.parametrize(
    ("changed", "field", "text"),
    [
        ({"name": ""}, "name", "Name can not be empty"),
        ({"login_password.password": ""}, "login_password.password", "Password can not be empty"),
        ({"type": "ssh"}, "ssh.private_key", "Private key can not be empty"),
        ({"type": "string"}, None, "Must be one of none, ssh, login_password"),
    ],
)
def test_a_refused_form_names_the_field_and_shows_no_password(
    browser: Browser, url: str, changed: dict[str, str], field: str | None, text: str
) -> None:
    answer = browser("bob").post(url, data=LOGIN | changed, headers=HX)
    assert answer.status_code == 422
    assert text in answer.text
    if field:
        assert re.search(rf'id="f-{re.escape(field)}-error">.*{text}', answer.text)
    assert "s3cret-word" not in answer.text
    assert stored() == []


def test_a_secret_is_never_shown_again(browser: Browser, url: str, login: AccessKey) -> None:
    bob = browser("bob")
    for path in ("", f"/{login.id}/edit", f"/{login.id}/edit?replace=1", f"/{login.id}/delete"):
        assert "s3cret-word" not in bob.get(url + path).text


def test_a_rename_keeps_the_secret(browser: Browser, url: str, login: AccessKey) -> None:
    sent = {"name": "Renamed", "type": "ssh", "ssh.private_key": "x", "version": "0"}
    assert browser("bob").post(f"{url}/{login.id}/edit", data=sent, headers=HX).status_code == 204
    kept = stored()[-1]
    assert (kept.name, kept.type) == ("Renamed", "login_password")
    assert json.loads(secrets.open(kept))["password"] == "s3cret-word"


def test_the_secret_is_replaced_only_if_asked_for(
    browser: Browser, url: str, login: AccessKey
) -> None:
    sent = LOGIN | {"override_secret": "1", "login_password.password": "an0ther", "version": "0"}
    assert browser("bob").post(f"{url}/{login.id}/edit", data=sent).status_code == 303
    assert json.loads(secrets.open(stored()[-1]))["password"] == "an0ther"


def test_a_key_in_use_keeps_its_type(
    browser: Browser, url: str, project: Project, login: AccessKey
) -> None:
    factories.repository(project, ssh_key_id=login.id)
    sent = {"name": "K", "type": "none", "override_secret": "1", "version": "0"}
    answer = browser("bob").post(f"{url}/{login.id}/edit", data=sent, headers=HX)
    assert answer.status_code == 422
    assert "The key is in use, so it keeps its type" in answer.text
    assert [key.type for key in stored()] == ["login_password"]


def test_a_stale_edit_shows_what_was_stored(browser: Browser, url: str, login: AccessKey) -> None:
    own = f"{url}/{login.id}/edit"
    browser("bob").post(own, data={"name": "First", "version": "0"})
    answer = browser("bob").post(own, data={"name": "Second", "version": "0"}, headers=HX)
    assert answer.status_code == 409
    assert re.search(r"<dt>Name</dt>\s*<dd>First</dd>", answer.text)
    assert "Save mine" in answer.text
    assert "SshKey" not in answer.text
    assert stored()[-1].name == "First"


def test_what_is_in_use_names_its_users(browser: Browser, url: str, project: Project) -> None:
    key = factories.access_key(project, "Deploy", type="ssh")
    repository = factories.repository(project, name="Shop", ssh_key_id=key.id)
    mapping = factories.host_config(project, "git.example.test", ssh_key_id=key.id)
    own = f"{url}/{key.id}/delete"
    notice = browser("bob").get(own, headers=HX).text
    assert f"/repositories/{repository.id}" in notice
    assert f"/keys/hosts/{mapping.id}/edit" in notice
    assert "<form" not in notice
    assert browser("bob").post(own).status_code == 409
    assert key.id in [kept.id for kept in stored()]


def test_the_key_of_senders_is_deleted_knowingly(
    browser: Browser, url: str, project: Project, login: AccessKey
) -> None:
    hook = factories.integration(factories.template(project), auth_secret_id=login.id)
    assert hook.name in browser("bob").get(url).text
    question = browser("bob").get(f"{url}/{login.id}/delete", headers=HX).text
    assert "let nobody in any more" in question and f"/integrations/{hook.id}" in question
    assert "Nothing uses it" not in question


def test_a_vault_password_is_deleted_knowingly(
    browser: Browser, url: str, project: Project, login: AccessKey
) -> None:
    template = factories.template(project, "Site")
    db.session.add(TemplateVault(template_id=template.id, vault_key_id=login.id))
    factories.save()
    key_id = login.id
    own = f"{url}/{key_id}/delete"
    question = browser("bob").get(own, headers=HX).text
    assert "lose the vault password" in question
    assert f"/templates/{template.id}" in question
    assert browser("bob").post(own, headers=HX).status_code == 204
    assert key_id not in [kept.id for kept in stored()]


def test_names_are_text(browser: Browser, url: str, project: Project) -> None:
    hostile = """"><script>alert(1)</script>"""
    key = factories.access_key(project, hostile)
    factories.repository(project, name="<b>bold</b>", ssh_key_id=key.id)
    for path in ("", f"/{key.id}/edit", f"/{key.id}/delete"):
        page = browser("bob").get(url + path).text
        assert "<script>alert" not in page
        assert "<b>bold" not in page


@pytest.mark.parametrize("path", ["", "/1/edit", "/1/delete"])
def test_a_forged_form_is_refused(browser: Browser, url: str, login: AccessKey, path: str) -> None:
    forged = {"X-CSRF-Token": ""}
    assert browser("bob").post(url + path, data=LOGIN, headers=forged).status_code == 403
    assert [key.lock_version for key in stored()] == [0]

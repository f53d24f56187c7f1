"""The vault passwords in the form of a template."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.models import Project, TaskTemplate, TemplateVault
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
Rows = list[tuple[str, str, str, str]]


@pytest.fixture
def key_id(project: Project) -> str:
    return str(factories.access_key(project, "Vault", type="login_password", secret="x").id)


@pytest.fixture
def template(project: Project, key_id: str) -> TaskTemplate:
    made = factories.template(
        project, "Site", app="ansible", playbook="site.yml",
        inventory_id=factories.inventory(project).id,
    )  # fmt: skip
    made.vaults = [TemplateVault(name="prod", vault_key_id=int(key_id))]
    factories.save()
    return made


@pytest.fixture
def send(browser: Browser, template: TaskTemplate) -> Callable[..., TestResponse]:
    """Save the form of Site as Bob with rows of name, kind, key and script."""

    def post(rows: Rows, **values: Any) -> TestResponse:
        columns = zip(*rows, strict=True) if rows else ((),) * 4
        fields = ("vault-name", "vault-type", "vault-vault_key_id", "vault-script")
        sent = {name: list(given) for name, given in zip(fields, columns, strict=True)}
        sent |= {"name": "Site", "playbook": "site.yml", "repository_id": template.repository_id}
        sent |= {"inventory_id": template.inventory_id, "version": "0"} | values
        url = f"/p/{template.project_id}/templates/{template.id}/edit"
        return browser("bob").post(url, data=sent, headers=HX)

    return post


def stored() -> list[tuple[str | None, str, int | None, str | None]]:
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.scalars(select(TemplateVault).order_by(TemplateVault.id))
    return [(row.name, row.type, row.vault_key_id, row.script) for row in rows]


def test_the_form_shows_what_is_stored(
    browser: Browser, project: Project, template: TaskTemplate, key_id: str
) -> None:
    factories.access_key(project, "Deploy", type="ssh")
    page = browser("bob").get(f"/p/{project.id}/templates/{template.id}/edit").text
    assert 'name="vault-name" value="prod"' in page
    assert f'<option value="{key_id}" selected>Vault (username and password)</option>' in page
    vaults = page[page.index('id="f-vaults"') : page.index("Add vault password")]
    assert "Deploy" not in vaults


def test_other_kinds_of_templates_have_no_vaults(browser: Browser, project: Project) -> None:
    page = browser("bob").get(f"/p/{project.id}/templates/new/bash").text
    assert "Add vault password" not in page


def test_the_rows_replace_what_is_stored(send: Callable[..., TestResponse], key_id: str) -> None:
    rows = [("prod", "password", key_id, "ignored"), ("", "script", key_id, "vaults/client.py")]
    assert send([*rows, ("", "password", "", "")]).status_code == 204
    assert stored() == [
        ("prod", "password", int(key_id), None),
        (None, "script", None, "vaults/client.py"),
    ]


def test_without_rows_there_are_no_vaults(send: Callable[..., TestResponse]) -> None:
    assert send([]).status_code == 204
    assert stored() == []


@pytest.mark.parametrize(
    ("row", "field", "text"),
    [
        (("a@b", "password", "KEY", ""), "vaults.0.name", "Must consist of letters"),
        (("a", "password", "", ""), "vaults.0.vault_key_id", "Choose the key"),
        (("a", "password", "999", ""), "vaults.0.vault_key_id", "There is no key 999"),
        (("a", "script", "", "../x"), "vaults.0.script", "Must be a path inside"),
        (("a", "script", "", ""), "vaults.0.script", "Name the script"),
    ],
)
def test_a_bad_row_is_named_and_stays(
    send: Callable[..., TestResponse], key_id: str, row: tuple, field: str, text: str
) -> None:
    answer = send([tuple(part.replace("KEY", key_id) for part in row)])
    assert answer.status_code == 422
    assert re.search(rf'id="f-{re.escape(field)}-error">{text}', answer.text)
    assert f'href="#f-{field}"' in answer.text
    assert f'value="{row[0]}"' in answer.text
    assert stored() == [("prod", "password", int(key_id), None)]


def test_two_of_a_name_are_refused(send: Callable[..., TestResponse], key_id: str) -> None:
    answer = send([("", "password", key_id, ""), ("default", "password", key_id, "")])
    assert answer.status_code == 422
    assert re.search(r'id="f-vaults-error">.*The name default is there twice', answer.text)


def test_buttons_add_and_remove_rows_and_store_nothing(
    send: Callable[..., TestResponse], key_id: str
) -> None:
    rows = [("prod", "password", key_id, "")]
    added = send(rows, do="vault", name="Renamed")
    assert added.status_code == 200
    assert added.text.count('name="vault-name"') == 2
    assert 'value="Renamed"' in added.text
    assert 'name="vault-name"' not in send(rows, do="unvault-0").text
    assert 'name="vault-name"' in send(rows, do="unvault-" + "9" * 5000).text
    assert stored() == [("prod", "password", int(key_id), None)]


def test_a_copy_has_the_vaults_too(
    browser: Browser, project: Project, template: TaskTemplate, key_id: str
) -> None:
    page = browser("bob").get(f"/p/{project.id}/templates/{template.id}/copy").text
    assert 'name="vault-name" value="prod"' in page


def test_names_are_text(send: Callable[..., TestResponse]) -> None:
    hostile = """"><script>alert(1)</script>"""
    assert "<script>alert" not in send([(hostile, "script", "", hostile)]).text


def test_a_stale_edit_compares_only_what_differs(
    send: Callable[..., TestResponse], key_id: str
) -> None:
    rows = [("prod", "password", key_id, "")]
    send(rows, name="First")
    answer = send(rows, name="Second")
    assert answer.status_code == 409
    assert "Vault" not in answer.text[answer.text.index("Changed by") : answer.text.index("Load")]

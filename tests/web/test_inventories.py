"""Inventories: the list, the pages of one, its form, and how it goes away."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.models import Inventory, Project
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
SENT = {"name": "Production", "type": "static", "hosts": "[web]\r\nweb1"}


@pytest.fixture
def inventory(project: Project) -> Inventory:
    return factories.inventory(project, "Production", inventory="[web]\nweb1")


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/inventories"


def stored() -> list[Inventory]:
    db.session.rollback()
    return list(db.session.scalars(select(Inventory).order_by(Inventory.id)))


def test_the_list_is_a_page_and_a_fragment(browser: Browser, project: Project, url: str) -> None:
    made = factories.inventory(project, "Production", host_count=1200, group_count=7)
    factories.inventory(project, "Broken", flaw="Line 3: expected a host")
    factories.template(project, inventory_id=made.id)
    page = browser("dave").get(url).text
    for text in ("2 inventories", "1,200", "Hosts, INI", "Line 3: expected a host"):
        assert text in page
    assert "New inventory" not in page
    fragment = browser("bob").get(url, headers=HX).text
    assert f'id="inventory-{made.id}"' in fragment
    assert "<h1" not in fragment


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=PROD", True), ("q=%25", False), ("type=static", True), ("type=file", False)],
)
def test_the_filter_looks_at_name_and_type(
    browser: Browser, inventory: Inventory, url: str, query: str, found: bool
) -> None:
    page = browser("dave").get(f"{url}?{query}").text
    assert (">Production</a>" in page) is found
    assert ("No inventories match" in page) is not found


def test_an_empty_list_says_what_an_inventory_is(browser: Browser, url: str) -> None:
    assert "No inventories yet" in browser("bob").get(url).text


def test_the_form_is_a_page_and_a_sheet(browser: Browser, project: Project, url: str) -> None:
    for name, kind in (("Deploy", "ssh"), ("Sudo", "login_password"), ("None", "none")):
        factories.access_key(project, name, type=kind)
    page, sheet = (browser("bob").get(f"{url}/new", headers=h).text for h in ({}, HX))
    assert "<h1" in page
    assert 'id="sheet-title">New inventory' in sheet
    become = sheet[sheet.index('id="f-become_key_id"') :]
    assert "Sudo (username and password)" in become
    assert "Deploy (SSH key)" not in become
    assert "Deploy (SSH key)" in sheet


def test_it_creates_hosts(browser: Browser, url: str) -> None:
    answer = browser("bob").post(url, data=SENT | {"path": "ignored.ini"}, headers=HX)
    assert answer.status_code == 204
    assert "refresh:inventories" in answer.headers["HX-Trigger"]
    assert (stored()[0].name, stored()[0].inventory) == ("Production", "[web]\nweb1")


def test_it_creates_a_file_with_keys(browser: Browser, project: Project, url: str) -> None:
    repository = factories.repository(project)
    sudo = factories.access_key(project, "Sudo", type="login_password")
    sent = {"name": "File", "type": "file", "hosts": "ignored", "path": "hosts/all.ini"}
    sent |= {"repository_id": str(repository.id), "become_key_id": str(sudo.id)}
    assert browser("bob").post(url, data=sent).status_code == 303
    made = stored()[0]
    assert (made.inventory, made.repository_id) == ("hosts/all.ini", repository.id)
    assert (made.ssh_key_id, made.become_key_id) == (None, sudo.id)


@pytest.mark.parametrize(
    ("changed", "field", "text"),
    [
        ({"name": " "}, "name", "An inventory needs a name"),
        ({"type": "nothing"}, None, "Not supported inventory type"),
        ({"type": "file", "path": "../x"}, "path", "Invalid inventory file pathname"),
        ({"type": "file", "path": ""}, "path", "Name the file"),
        ({"hosts": "a\0b"}, "hosts", "Must not contain the character NUL"),
        ({"ssh_key_id": "999"}, "ssh_key_id", "There is no key 999 in this project"),
    ],
)
def test_a_refused_form_names_the_field(
    browser: Browser, url: str, changed: dict[str, str], field: str | None, text: str
) -> None:
    answer = browser("bob").post(url, data=SENT | changed, headers=HX)
    assert answer.status_code == 422
    assert text in answer.text
    assert field is None or re.search(rf'id="f-{field}-error">.*{text}', answer.text)
    assert stored() == []


@pytest.fixture
def edit(browser: Browser, inventory: Inventory, url: str) -> Callable[..., TestResponse]:
    def save(version: str, **values: str) -> TestResponse:
        sent = SENT | {"version": version} | values
        return browser("bob").post(f"{url}/{inventory.id}/edit", data=sent, headers=HX)

    return save


def test_an_edit_keeps_what_the_form_does_not_show(
    edit: Callable[..., TestResponse], project: Project, inventory: Inventory
) -> None:
    inventory.runner_tag = "gpu"
    factories.save()
    assert edit("0", name="Mine").status_code == 204
    assert (stored()[0].name, stored()[0].runner_tag) == ("Mine", "gpu")


def test_a_stale_edit_shows_both_values(edit: Callable[..., TestResponse]) -> None:
    edit("0", name="First")
    answer = edit("0", name="Second", type="static-yaml")
    assert answer.status_code == 409
    assert re.search(r"<dt>Name</dt>\s*<dd>First</dd>", answer.text)
    assert re.search(r"<dt>Type</dt>\s*<dd>Hosts, INI</dd>", answer.text)
    assert stored()[0].name == "First"


def test_a_workspace_keeps_its_type_and_has_no_hosts(
    browser: Browser, project: Project, url: str
) -> None:
    made = factories.inventory(project, "ws", type="tofu-workspace", inventory="staging")
    page = browser("bob").get(f"{url}/{made.id}").text
    assert "OpenTofu workspace" in page
    assert 'id="hosts"' not in page
    edited = browser("bob").get(f"{url}/{made.id}/edit").text
    assert 'name="type" value="tofu-workspace"' in edited and 'value="static"' not in edited


def test_a_workspace_without_a_name_is_the_default_and_can_be_edited(
    browser: Browser, project: Project, url: str
) -> None:
    made = factories.inventory(project, "ws", type="tofu-workspace", inventory="")
    sent = {"name": "Ours", "type": "tofu-workspace", "hosts": "", "version": "0"}
    answer = browser("bob").post(f"{url}/{made.id}/edit", data=sent, headers=HX)
    assert answer.status_code == 204
    assert (stored()[0].name, stored()[0].inventory) == ("Ours", "")


def test_its_tabs_show_source_and_users(
    browser: Browser, project: Project, inventory: Inventory, url: str
) -> None:
    template = factories.template(project, "Site", inventory_id=inventory.id)
    own = f"{url}/{inventory.id}"
    assert "[web]\nweb1" in browser("dave").get(f"{own}/source").text
    assert f"/templates/{template.id}" in browser("dave").get(f"{own}/used").text


def test_deleting_is_asked_first(
    browser: Browser, project: Project, inventory: Inventory, url: str
) -> None:
    own = f"{url}/{inventory.id}/delete"
    assert "Delete “Production”?" in browser("bob").get(own, headers=HX).text
    template = factories.template(project, "Site", inventory_id=inventory.id)
    notice = browser("bob").get(own, headers=HX).text
    assert "Can&#39;t delete “Production”" in notice
    assert f"/templates/{template.id}" in notice
    assert browser("bob").post(own).status_code == 409
    db.session.delete(template)
    factories.save()
    answer = browser("bob").post(own, data={"from": "page"}, headers=HX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, url)
    assert stored() == []


@pytest.mark.parametrize("path", ["", "/1/edit", "/1/delete", "/1/_hosts"])
def test_a_forged_form_is_refused(
    browser: Browser, inventory: Inventory, url: str, path: str
) -> None:
    forged = {"X-CSRF-Token": ""}
    assert browser("bob").post(url + path, data=SENT, headers=forged).status_code == 403
    assert [row.lock_version for row in stored()] == [0]


def test_names_are_text(browser: Browser, project: Project, url: str) -> None:
    hostile = """"><script>alert(1)</script>"""
    made = factories.inventory(project, hostile, inventory=f"</pre>{hostile}", flaw=hostile)
    for path in ("", "/1", "/1/source", "/1/used", "/1/edit", "/1/delete"):
        page = browser("bob").get(url + path.replace("1", str(made.id))).text
        assert "<script>alert" not in page

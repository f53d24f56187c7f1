"""The state of a workspace as pages: versions, lock, comparison, addresses."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Event, Inventory, Project, TerraformAlias, TerraformLock
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
SECRET = "the-secret-of-the-state"


@pytest.fixture
def workspace(project: Project) -> Inventory:
    return factories.workspace(project, "blue")


@pytest.fixture
def url(project: Project, workspace: Inventory) -> str:
    return f"/p/{project.id}/inventories/{workspace.id}/state"


def rows(model):
    db.session.expire_all()
    return db.session.scalars(select(model)).all()


def test_a_workspace_opens_with_its_state(browser: Browser, url: str) -> None:
    page = browser("dave").get(url.removesuffix("/state")).text
    assert "No state here" in page and ">No address: only runs get to it.</p>" in page
    assert "Add address" not in page and ">Hosts<" not in page


def test_versions_say_who_wrote_them(browser: Browser, project: Project, url, workspace) -> None:
    older = factories.state(workspace, one=SECRET)
    task = factories.task(factories.template(project))
    older.task_id = task.id
    factories.save()
    newer = factories.state(workspace, 2, one="x", two="y")
    page = browser("bob").get(url).text
    assert f"Run #{task.id}</a>" in page and SECRET not in page
    assert page.count("Current") == 1
    assert f"{url}/{newer.id}/download" in page
    assert f"{url}/{older.id}/current" in page and f"{url}/{newer.id}/current" not in page
    assert "/download" not in browser("carol").get(url).text


def test_a_version_is_downloaded_as_it_is(browser: Browser, url: str, workspace) -> None:
    row = factories.state(workspace, 7, one=SECRET)
    answer = browser("bob").get(f"{url}/{row.id}/download")
    assert answer.text == factories.state_text(7, one=SECRET)
    assert answer.headers["Content-Disposition"] == "attachment; filename=blue-7.tfstate"
    told = rows(Event)[-1]
    assert told.description == f"Inventory blue gave out its state: version {row.id} (serial 7)"


def test_two_versions_are_compared_without_secrets(browser: Browser, url: str, workspace) -> None:
    older = factories.state(workspace, one="eu")
    newer = factories.state(workspace, 2, one="us", password="x")
    page = browser("bob").get(f"{url}/compare?a={older.id}&b={newer.id}").text
    assert "1 created, 1 changed" in page
    assert '</code> <span class="muted">changed</span>' in page
    assert "<del>eu</del>" in page and "<ins>us</ins>" in page
    before = browser("bob").get(f"{url}/compare?b={newer.id}").text
    assert "<del>eu</del>" in before
    assert "No difference" in browser("bob").get(f"{url}/compare?a={newer.id}&b={newer.id}").text


def test_encrypted_versions_say_that_they_cannot_be(browser: Browser, url, workspace) -> None:
    older = factories.state(workspace)
    older.resources = None
    factories.save()
    page = browser("bob").get(f"{url}/compare?a={older.id}&b={older.id}").text
    assert "They cannot be compared." in page


def test_making_an_older_one_current_is_asked_and_done(browser: Browser, url, workspace) -> None:
    older = factories.state(workspace)
    factories.state(workspace, 2)
    bob = browser("bob")
    assert "Make version" in bob.get(f"{url}/{older.id}/current", headers=HX).text
    answer = bob.post(f"{url}/{older.id}/current", headers=HX)
    assert answer.status_code == 204 and "refresh:inventories" in answer.headers["HX-Trigger"]
    assert f"Version {older.id} again" in bob.get(url).text


def test_deleting_says_what_it_means(browser: Browser, url: str, workspace) -> None:
    older, newer = factories.state(workspace), factories.state(workspace, 2)
    bob = browser("bob")
    assert "cannot be brought back" in bob.get(f"{url}/{older.id}/delete").text
    assert "there is no state" in bob.get(f"{url}/{newer.id}/delete").text
    assert bob.post(f"{url}/{newer.id}/delete", headers=HX).status_code == 204
    assert "Deleted: no state from here on" in bob.get(url).text


def test_a_lock_is_shown_and_taken_away_with_a_reason(browser: Browser, url, workspace) -> None:
    factories.state_lock(workspace)
    assert "ada@laptop (apply)" in browser("dave").get(url).text
    bob = browser("bob")
    refused = bob.post(f"{url}/unlock", data={"reason": " "}, headers=HX)
    assert refused.status_code == 422 and "Say why" in refused.text
    assert bob.post(f"{url}/unlock", data={"reason": "it fell"}, headers=HX).status_code == 204
    assert rows(TerraformLock) == []


def test_a_lock_of_an_ended_run_says_so(browser: Browser, project, url, workspace) -> None:
    factories.state_lock(workspace)
    [lock] = rows(TerraformLock)
    lock.task_id = factories.task(factories.template(project), status="error").id
    factories.save()
    assert "Locked by a run that has ended." in browser("dave").get(url).text


def test_an_address_is_added_and_deleted(browser: Browser, project, url, workspace) -> None:
    key, bob = factories.login_key(project), browser("bob")
    assert "State (username and password)" in bob.get(f"{url}/address/new", headers=HX).text
    refused = bob.post(f"{url}/address", data={"auth_key_id": ""}, headers=HX)
    assert refused.status_code == 422
    assert bob.post(f"{url}/address", data={"auth_key_id": key.id}, headers=HX).status_code == 204
    [alias] = rows(TerraformAlias)
    assert f"http://localhost/api/terraform/{alias.alias}" in bob.get(url).text
    at = f"{url}/address/{alias.id}/delete"
    assert "cannot be made again" in bob.get(at).text
    assert bob.post(at, headers=HX).status_code == 204
    assert rows(TerraformAlias) == []


def test_a_workspace_with_resources_says_why_it_stays(browser: Browser, url, workspace) -> None:
    factories.state(workspace, one="x")
    page = browser("bob").get(f"{url.removesuffix('/state')}/delete").text
    assert "Can&#39;t delete" in page and "has 1 resource:" in page


def test_a_template_shows_its_workspaces(browser: Browser, project: Project, workspace) -> None:
    template = factories.template(project, app="terraform", inventory_id=workspace.id)
    other = factories.workspace(project, "green", template_id=template.id)
    row = factories.state(workspace, one="x")
    factories.state_lock(other)
    url = f"/p/{project.id}/templates/{template.id}"
    assert f'{url}/workspaces"' in browser("dave").get(url).text
    page = browser("dave").get(f"{url}/workspaces").text
    assert f"Version {row.id}" in page and "ada@laptop" in page
    assert page.index(">blue</a>") < page.index(">green</a>")
    hosts = factories.template(project, inventory_id=factories.inventory(project).id)
    assert "/workspaces" not in browser("dave").get(f"/p/{project.id}/templates/{hosts.id}").text


def test_the_form_of_a_template_offers_it(browser: Browser, project: Project) -> None:
    page = browser("bob").get(f"/p/{project.id}/templates/new/terraform").text
    assert "Override backend settings" in page and "File of the backend settings" in page

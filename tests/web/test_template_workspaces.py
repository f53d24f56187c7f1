"""The tab Workspaces of a template, and its dialogs."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Inventory, Project, TaskTemplate
from tests import factories

HX = {"HX-Request": "true"}


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    default = factories.workspace(project, "default")
    made = factories.template(project, "Infra", app="terraform", inventory_id=default.id)
    default.template_id = made.id
    factories.save()
    return made


@pytest.fixture
def held(project: Project, template: TaskTemplate) -> Inventory:
    return factories.workspace(project, "blue", template_id=template.id)


@pytest.fixture
def url(template: TaskTemplate) -> str:
    return f"/p/{template.project_id}/templates/{template.id}/workspaces"


@pytest.fixture
def bob(browser) -> FlaskClient:
    return browser("bob")


def again(model, row_id: int):
    db.session.expire_all()
    return db.session.get_one(model, row_id)


def stored(name: str) -> Inventory | None:
    db.session.expire_all()
    return db.session.scalar(select(Inventory).filter_by(name=name))


def test_who_manages_resources_is_offered_what_can_be_done(browser, url, held, template) -> None:
    page = browser("bob").get(url).text
    for path in ("new", "attach", f"{held.id}/default", f"{held.id}/detach"):
        assert f'"{url}/{path}"' in page
    assert f"{url}/{template.inventory_id}/default" not in page
    looking = browser("dave").get(url).text
    assert ">blue</a>" in looking and f"{url}/" not in looking


def test_a_workspace_is_made_with_a_key(bob, url, project) -> None:
    key = factories.access_key(project, "Modules", type="ssh")
    factories.login_key(project)
    sheet = bob.get(f"{url}/new", headers=HX).text
    assert "Modules (SSH key)" in sheet and "username and password" not in sheet
    data = {"workspace": "stage", "ssh_key_id": key.id}
    answer = bob.post(url, data=data, headers=HX)
    assert answer.status_code == 204 and "refresh:inventories" in answer.headers["HX-Trigger"]
    assert stored("Infra - stage").ssh_key_id == key.id
    assert ">Infra - stage</a>" in bob.get(url, headers=HX).text


@pytest.mark.parametrize(
    ("name", "said"),
    [("a b", "letter or digit first"), ("default", "already")],
)
def test_a_name_that_cannot_be_is_refused_and_kept(bob, url, name, said) -> None:
    refused = bob.post(url, data={"workspace": name}, headers=HX)
    assert refused.status_code == 422 and said in refused.text
    assert f'value="{name}"' in refused.text
    assert stored(f"Infra - {name}") is None


def test_a_name_is_asked_for(bob, url) -> None:
    refused = bob.post(url, data={"workspace": " "}, headers=HX)
    assert refused.status_code == 422 and "A workspace needs a name" in refused.text


def test_an_existing_one_is_attached(bob, url, project, template) -> None:
    assert "No workspace to attach" in bob.get(f"{url}/attach", headers=HX).text
    free = factories.workspace(project, "free")
    assert ">free</option>" in bob.get(f"{url}/attach", headers=HX).text
    refused = bob.post(f"{url}/attach", data={"inventory_id": ""}, headers=HX)
    assert refused.status_code == 422 and "Choose a workspace" in refused.text
    answer = bob.post(f"{url}/attach", data={"inventory_id": free.id}, headers=HX)
    assert answer.status_code == 204
    assert again(Inventory, free.id).template_id == template.id


def test_somebody_elses_is_not_attached(bob, url, project) -> None:
    other = factories.template(project, "Other", app="terraform")
    taken = factories.workspace(project, "taken", template_id=other.id)
    factories.workspace(project, "free")
    refused = bob.post(f"{url}/attach", data={"inventory_id": taken.id}, headers=HX)
    assert refused.status_code == 422 and "attached to another template" in refused.text


def test_another_one_becomes_the_default(bob, url, held, template) -> None:
    asked = bob.get(f"{url}/{held.id}/default", headers=HX).text
    assert "“default” stays a workspace" in asked and "schedules" in asked
    answer = bob.post(f"{url}/{held.id}/default", headers=HX)
    assert answer.status_code == 204
    assert again(TaskTemplate, template.id).inventory_id == held.id
    page = bob.get(url).text
    assert page.index(">blue</a>") < page.index(">default</a>")


def test_while_a_run_works_with_it_the_default_stays(bob, url, held, template) -> None:
    task = factories.task(template, status="waiting_confirmation")
    at = f"{url}/{held.id}/default"
    assert f"Run #{task.id} works with the default" in bob.get(at, headers=HX).text
    assert bob.post(at).status_code == 422
    assert again(TaskTemplate, template.id).inventory_id != held.id


def test_one_is_detached_and_the_default_is_not(bob, url, held, template) -> None:
    assert "Its state stays" in bob.get(f"{url}/{held.id}/detach", headers=HX).text
    assert bob.post(f"{url}/{held.id}/detach", headers=HX).status_code == 204
    assert again(Inventory, held.id).template_id is None
    default = f"{url}/{template.inventory_id}/detach"
    assert "Make another one the default first" in bob.get(default, headers=HX).text
    assert bob.post(default).status_code == 422
    assert again(Inventory, template.inventory_id).template_id == template.id


@pytest.mark.parametrize("word", ["default", "detach"])
def test_one_that_is_not_the_templates_is_not_found(bob, url, project, word) -> None:
    free = factories.workspace(project, "free")
    assert bob.get(f"{url}/{free.id}/{word}").status_code == 404
    assert bob.post(f"{url}/{free.id}/{word}").status_code == 404


def test_a_template_without_one_says_so(bob, url, template) -> None:
    template.inventory.template_id, template.inventory_id = None, None
    factories.save()
    assert "A run works with the state of one workspace" in bob.get(url).text


def test_other_kinds_have_no_such_tab(bob, project) -> None:
    template = factories.template(project)
    url = f"/p/{project.id}/templates/{template.id}"
    assert "/workspaces" not in bob.get(url).text
    assert bob.get(f"{url}/workspaces").status_code == 404


def test_who_manages_the_template_alone_chooses_its_default(
    browser, project, cast, url, held, template
) -> None:
    role = factories.role(project, "keepers", permissions=4)
    factories.attached(template, role, 4)
    factories.holds(project, cast["dave"], role)
    page = browser("dave").get(url).text
    assert f"{url}/{held.id}/default" in page and f"{url}/{held.id}/detach" not in page
    assert f"{url}/new" not in page and f"menu-workspace-{template.inventory_id}" not in page


def test_a_copy_starts_with_a_workspace_of_its_own(bob, project, template) -> None:
    at = f"/p/{project.id}/templates/{template.id}/copy"
    field = bob.get(at).text.split('for="f-inventory_id"')[1].split("</select>")[0]
    assert f'value="{template.inventory_id}"' not in field
    data = {"name": "Copy", "repository_id": template.repository_id, "inventory_id": ""}
    assert bob.post(at, data=data | {"playbook": template.playbook}).status_code == 303
    db.session.expire_all()
    copy = db.session.scalar(select(TaskTemplate).filter_by(name="Copy"))
    assert copy.inventory.template_id == copy.id


def test_a_workspace_is_edited_as_one(bob, project, held) -> None:
    url = f"/p/{project.id}/inventories/{held.id}/edit"
    sheet = bob.get(url, headers=HX).text
    assert (
        "Edit workspace" in sheet and "becoming root" not in sheet and 'type="radio"' not in sheet
    )
    data = {"name": "Blue", "type": held.type, "hosts": "azure", "version": held.lock_version}
    refused = bob.post(url, data=data | {"hosts": "a b"}, headers=HX)
    assert refused.status_code == 422 and "letter or digit first" in refused.text
    assert bob.post(url, data=data, headers=HX).status_code == 204
    assert again(Inventory, held.id).inventory == "azure"

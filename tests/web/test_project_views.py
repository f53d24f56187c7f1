"""Views: tabs above the list of templates."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project, ProjectView
from app.services import project_views
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/templates"


def titles(project: Project) -> list[str]:
    return [view.title for view in project_views.list_for(project)]


def put_in(view: ProjectView, project: Project, name: str) -> None:
    factories.template(project, name=name).view_id = view.id
    factories.save()


def test_views_are_made_in_order_and_moved(browser: Browser, project: Project, url: str) -> None:
    bob = browser("bob")
    for title in ("Build", "Deploy", "Check"):
        assert bob.post(f"{url}/views", data={"title": title}).status_code == 303
    assert titles(project) == ["Build", "Deploy", "Check"]
    check = project_views.list_for(project)[-1].id
    bob.post(f"{url}/views/{check}/move", data={"do": "up"})
    assert titles(project) == ["Build", "Check", "Deploy"]
    bob.post(f"{url}/views/{check}/move", data={"do": "up"})
    bob.post(f"{url}/views/{check}/move", data={"do": "up"})  # it is the first already
    assert titles(project) == ["Check", "Build", "Deploy"]
    bob.post(f"{url}/views/{check}/move", data={"do": "down"})
    assert titles(project) == ["Build", "Check", "Deploy"]


def test_two_who_change_a_view_at_once(browser: Browser, project: Project, url: str) -> None:
    view, bob = factories.view(project), browser("bob")
    edit = f"{url}/views/{view.id}/edit"
    assert 'name="version" value="0"' in bob.get(edit).text
    first = {"title": "First", "version": "0"}
    assert bob.post(edit, data=first).status_code == 303
    late = bob.post(edit, data={"title": "Second", "hidden": "1", "version": "0"})
    assert late.status_code == 409 and "Save mine" in late.text and "Changed by Bob" in late.text
    assert titles(project) == ["First"]
    assert bob.post(edit, data={"title": "Second", "version": "1"}).status_code == 303
    assert titles(project) == ["Second"]


def test_a_tab_shows_the_templates_of_its_view(
    browser: Browser, project: Project, url: str
) -> None:
    view = factories.view(project)
    put_in(view, project, "Ship it")
    factories.template(project, name="Other")
    page = browser("dave").get(f"{url}?view={view.id}").text
    assert "Ship it" in page and "Other" not in page and "1 template<" in page
    assert f'href="{url}?view={view.id}" aria-current="page"' in page
    page = browser("dave").get(url).text
    assert "Ship it" in page and "Other" in page and "Edit views" not in page


def test_sorting_and_filters_stay_in_the_view(browser: Browser, project: Project, url: str) -> None:
    view = factories.view(project)
    put_in(view, project, "Ship it")
    page = browser("bob").get(f"{url}?view={view.id}&q=ship").text
    assert f'name="view" value="{view.id}"' in page and "sort=name" in page
    assert f"view={view.id}" in page.split("sort=name")[1].split('"')[0]
    page = browser("bob").get(f"{url}?view={view.id}&q=nothing").text
    assert "No templates match" in page


def test_an_empty_view_says_so(browser: Browser, project: Project, url: str) -> None:
    view = factories.view(project)
    factories.template(project, name="Other")
    assert "No templates in this view" in browser("bob").get(f"{url}?view={view.id}").text


def test_a_hidden_view_has_no_tab(browser: Browser, project: Project, url: str) -> None:
    view = factories.view(project, title="Secret corner")
    factories.template(project)
    data = {"title": "Secret corner", "hidden": "1"}
    assert browser("bob").post(f"{url}/views/{view.id}/edit", data=data).status_code == 303
    assert "Secret corner" not in browser("bob").get(url).text
    assert "Not shown" in browser("bob").get(f"{url}/views").text


def test_a_view_of_all_that_a_client_made(browser: Browser, project: Project, url: str) -> None:
    view = factories.view(project, type="all", sort_column="name", sort_reverse=True)
    for name in ("Alpha", "Omega"):
        factories.template(project, name=name)
    page = browser("bob").get(f"{url}?view={view.id}").text
    assert page.index("Omega") < page.index("Alpha")


def test_the_form_of_a_template_chooses(browser: Browser, project: Project, url: str) -> None:
    template, view = factories.template(project), factories.view(project)
    edit = f"{url}/{template.id}/edit"
    assert f'<option value="{view.id}">Deploy' in browser("bob").get(edit).text
    data = {"name": "T", "playbook": "a.sh", "repository_id": template.repository_id}
    browser("bob").post(edit, data=data | {"view_id": view.id})
    assert template.view_id == view.id
    browser("bob").post(edit, data=data | {"view_id": ""})
    assert template.view_id is None


def test_a_view_needs_a_name(browser: Browser, project: Project, url: str) -> None:
    answer = browser("bob").post(f"{url}/views", data={"title": " "})
    assert answer.status_code == 422 and "Title can not be empty" in answer.text
    assert titles(project) == []


def test_templates_stay_when_their_view_goes(browser: Browser, project: Project, url: str) -> None:
    view = factories.view(project)
    put_in(view, project, "Ship it")
    assert browser("bob").post(f"{url}/views/{view.id}/delete").status_code == 303
    assert "Ship it" in browser("bob").get(url).text and titles(project) == []

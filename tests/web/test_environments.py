"""Variables: the list of groups, the page of one, and how it goes away."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Environment, Project, TaskTemplate
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}


@pytest.fixture
def group(project: Project) -> Environment:
    made = factories.environment(
        project, "Production", json='{"region": "eu", "n": [1]}', env='{"GREETING": "hi"}'
    )
    factories.access_key(
        project, "TOKEN", type="string", owner="environment", environment_id=made.id, secret="x"
    )
    return made


@pytest.fixture
def template(project: Project, group: Environment) -> TaskTemplate:
    made = factories.template(project, "Site")
    made.environments.append(group)
    factories.save()
    return made


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/variables"


def stored() -> list[Environment]:
    db.session.rollback()
    return list(db.session.scalars(select(Environment)))


def test_the_list_is_a_page_and_a_fragment(
    browser: Browser, group: Environment, template: TaskTemplate, url: str
) -> None:
    page = browser("dave").get(url).text
    assert "1 group" in page
    for label, number in (("Variables", 3), ("Secrets", 1)):
        assert f'data-label="{label}" class="number">{number}<' in page
    assert "New group" not in page
    fragment = browser("bob").get(url, headers=HX).text
    assert f'id="environment-{group.id}"' in fragment
    assert "<h1" not in fragment


@pytest.mark.parametrize(
    ("q", "found"), [("PROD", True), ("regio", True), ("token", True), ("%", False), ("eu", False)]
)
def test_the_filter_looks_at_names_of_groups_and_variables(
    browser: Browser, group: Environment, url: str, q: str, found: bool
) -> None:
    page = browser("dave").get(url, query_string={"q": q}).text
    assert (">Production</a>" in page) is found
    assert ("No groups match" in page) is not found


def test_an_empty_list_says_what_a_group_is(browser: Browser, url: str) -> None:
    assert "No variables yet" in browser("bob").get(url).text


def test_its_page_shows_values_and_hides_secrets(
    browser: Browser, group: Environment, template: TaskTemplate, url: str
) -> None:
    page = browser("dave").get(f"{url}/{group.id}").text
    for text in (">eu<", ">[1]<", "GREETING", "TOKEN", "••• secret"):
        assert text in page
    assert f"/templates/{template.id}" in page
    assert "Delete…" not in page


def test_a_variable_of_another_group_is_flagged(
    browser: Browser, project: Project, group: Environment, url: str
) -> None:
    other = factories.environment(project, "Staging", json='{"region": "us"}')
    factories.environment(project, "Elsewhere", env='{"region": "of another kind"}')
    page = browser("dave").get(f"{url}/{group.id}").text
    assert f'also in <a href="{url}/{other.id}">Staging</a>' in page
    assert "Elsewhere" not in page


def test_the_details_of_a_template_show_what_counts(
    browser: Browser, project: Project, template: TaskTemplate
) -> None:
    later = factories.environment(project, "Overrides", json='{"region": "us"}')
    template.environments.append(later)
    factories.save()
    db.session.execute(
        db.text("UPDATE template_environment SET position = 1 WHERE environment_id = :id"),
        {"id": later.id},
    )
    factories.save()
    page = browser("dave").get(f"/p/{project.id}/templates/{template.id}/details").text
    assert "instead of Production" in page
    assert ">us<" in page
    assert ">eu<" not in page
    assert "••• secret" in page


def test_deleting_is_asked_first(
    browser: Browser, group: Environment, template: TaskTemplate, url: str
) -> None:
    own = f"{url}/{group.id}/delete"
    notice = browser("bob").get(own, headers=HX).text
    assert "Can&#39;t delete “Production”" in notice
    assert f"/templates/{template.id}" in notice
    assert browser("bob").post(own).status_code == 409
    template.environments.clear()
    factories.save()
    question = browser("bob").get(own, headers=HX).text
    assert "its 1 secret cannot be brought back" in question
    answer = browser("bob").post(own, data={"from": "page"}, headers=HX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, url)
    assert stored() == []


def test_names_are_text(browser: Browser, project: Project, url: str) -> None:
    hostile = """"><script>alert(1)</script>"""
    text = '{"</textarea><script>alert(2)</script>": "</code><script>alert(3)</script>"}'
    made = factories.environment(project, hostile, json=text, env=text)
    factories.access_key(
        project, hostile, type="string", owner="variable", environment_id=made.id, secret="x"
    )
    bob = browser("bob")
    for path in ("", f"/{made.id}", f"/{made.id}/edit", f"/{made.id}/delete"):
        assert "<script>alert" not in bob.get(url + path).text
    sent = {"name": hostile, "mode": "table", "do": "json"}
    assert "<script>alert" not in bob.post(f"{url}/{made.id}/edit", data=sent).text

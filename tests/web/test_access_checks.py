"""The page that says what a member may do, and why."""

from collections.abc import Callable

from flask.testing import FlaskClient

from app.models import Project, User
from tests import factories

Browser = Callable[[str], FlaskClient]


def test_a_member_and_a_template_are_chosen(
    browser: Browser, project: Project, cast: dict[str, User]
) -> None:
    template, dave = factories.template(project), cast["dave"]
    url = f"/p/{project.id}/team/check"
    empty = browser("dave").get(url).text
    assert "Choose a member" in empty and 'id="verdicts"' in empty and "<table" not in empty
    page = browser("alice").get(f"{url}?member={dave.id}&template={template.id}").text
    assert f"What Dave may do with {template.name}" in page
    assert "The role guest does not give it" in page
    part = browser("alice").get(f"{url}?member={dave.id}", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<") and "<html" not in part and "Members" in part


def test_who_is_no_member_and_what_is_not_of_the_project_is_not_shown(
    browser: Browser, project: Project, cast: dict[str, User]
) -> None:
    url = f"/p/{project.id}/team/check?member={cast['mallory'].id}&template=999999"
    page = browser("alice").get(url).text
    assert "<table" not in page and "mallory" not in page

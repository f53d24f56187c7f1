"""The team of a project."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import Project, User
from app.services import project_users
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/team"


def role(project: Project, user: User) -> str:
    return project_users.get(project, user.id).role


def test_an_owner_adds_somebody_by_name_or_address(
    browser: Browser, project: Project, cast: dict[str, User], url: str
) -> None:
    alice = browser("alice")
    assert "mallory" in alice.get(f"{url}/_people?person=mal").text
    assert "bob" not in alice.get(f"{url}/_people?person=bob").text  # a member already
    for person in ("Mallory", "mallory@example.test"):
        assert alice.post(url, data={"person": person, "role": "guest"}).status_code == 303
        assert role(project, cast["mallory"]) == "guest"
        alice.post(f"{url}/{cast['mallory'].id}/delete")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"person": "nobody", "role": "guest"}, "Nobody signs in as nobody"),
        ({"person": "bob", "role": "guest"}, "Bob is a member already"),
        ({"person": "", "role": "guest"}, "Name a user"),
        ({"person": "mallory", "role": "king"}, "Choose one of the list"),
    ],
)
def test_what_was_refused_stays_in_the_form(
    browser: Browser, url: str, data: dict[str, str], why: str
) -> None:
    answer = browser("alice").post(url, data=data)
    assert answer.status_code == 422 and why in answer.text
    assert f'value="{data["person"]}"' in answer.text


def test_a_role_is_changed_in_its_row(
    browser: Browser, project: Project, cast: dict[str, User], url: str
) -> None:
    bob, alice = cast["bob"], browser("alice")
    own, htmx = f"{url}/{bob.id}/role", {"HX-Request": "true"}
    answer = alice.post(own, data={"role": "guest"}, headers=htmx)
    assert answer.status_code == 200 and answer.text.startswith("<tr")
    assert '<option value="guest" selected>' in answer.text
    assert "Role changed" in answer.headers["HX-Trigger"]
    assert role(project, bob) == "guest"
    assert alice.post(own, data={"role": "manager"}).location == url
    assert role(project, bob) == "manager"


def test_a_role_is_saved_by_its_button_alone(browser: Browser, url: str) -> None:
    """Each arrow key in a select is a change: nobody is promoted by one."""
    page = browser("alice").get(url).text
    assert "hx-trigger" not in page[page.index("<tbody") :]
    assert re.search(r'<button[^>]* type="submit" aria-label="Save role of Bob"', page)


def test_custom_roles_stay_when_the_built_in_one_changes(
    browser: Browser, project: Project, cast: dict[str, User], url: str
) -> None:
    factories.holds(project, cast["dave"], factories.role(project, "operator"))
    browser("alice").post(f"{url}/{cast['dave'].id}/role", data={"role": "manager"})
    page = browser("alice").get(url).text
    assert f'href="{url}/{cast["dave"].id}/custom-roles"' in page and ">Operator</a>" in page
    assert "custom-roles" not in browser("dave").get(url).text


def test_the_last_owner_has_no_choice_and_is_told_so(
    browser: Browser, project: Project, cast: dict[str, User], url: str
) -> None:
    page = browser("root").get(url).text
    alice = cast["alice"].id
    assert "The last owner stays one." in page and f"{alice}/role" not in page
    assert re.search(r'<select[^>]*aria-label="Role of Alice"[^>]* disabled', page)
    answer = browser("root").post(f"{url}/{alice}/role", data={"role": "guest"})
    assert answer.status_code == 422 and "A project keeps an owner" in answer.text
    assert "<h1" in answer.text and "Bob" in answer.text  # the whole page, without scripts
    assert browser("root").post(f"{url}/{alice}/delete").status_code == 422
    assert role(project, cast["alice"]) == "owner"


def test_others_look_and_leave(
    browser: Browser, project: Project, cast: dict[str, User], url: str
) -> None:
    page = browser("dave").get(url).text
    assert "Alice" in page and "Add member" not in page and "<select" not in page
    assert browser("dave").get(f"{url}/leave").status_code == 200
    assert browser("dave").post(f"{url}/leave").location == "/projects"
    assert browser("dave").get(url).status_code == 404
    assert browser("alice").post(f"{url}/leave").status_code == 422


def test_nobody_leaves_where_the_setting_says_so(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    kept = replace(app.config["HELIOGRAPH"], TEAMS_MEMBERS_CAN_LEAVE=False)
    monkeypatch.setitem(app.config, "HELIOGRAPH", kept)
    dave = browser("dave")
    assert "Leave…" not in dave.get(url).text
    answer = dave.post(f"{url}/leave")
    assert answer.status_code == 422 and "an owner removes them" in answer.text
    assert dave.get(url).status_code == 200

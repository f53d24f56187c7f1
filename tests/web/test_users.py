"""Users of the server, for administrators."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.models import Project, User
from app.services import project_users, users
from tests import factories

Browser = Callable[[str], FlaskClient]

URL = "/admin/users"
NINA = {"name": "Nina", "username": "nina", "email": "nina@example.test"}


def sign_in(client: FlaskClient, password: str) -> int:
    return client.post("/api/auth/login", json={"auth": "nina", "password": password}).status_code


def test_a_colleague_gets_in_with_a_password_that_is_shown_once(
    browser: Browser, client: FlaskClient, project: Project
) -> None:
    root = browser("root")
    data = NINA | {"project_id": project.id, "role": "manager"}
    page = root.post(URL, data=data)
    made = unescape(re.search(r'id="password">([^<]+)<', page.text)[1])
    assert page.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in page.headers
    assert made not in root.get(URL).text
    assert sign_in(client, made) == 204
    nina = users.find("nina")
    assert project_users.get(project, nina.id).role == "manager"


def test_a_password_may_be_chosen_and_changed(browser: Browser, client: FlaskClient) -> None:
    root = browser("root")
    data = NINA | {"password": "a long first sentence", "role": "guest"}
    assert root.post(URL, data=data).location == URL
    assert sign_in(client, "a long first sentence") == 204
    edit = f"{URL}/{users.find('nina').id}/edit"
    assert "argon" not in root.get(edit).text and "a long first" not in root.get(edit).text
    root.post(edit, data=NINA | {"name": "Nina N."})
    assert sign_in(client, "a long first sentence") == 204
    root.post(edit, data=NINA | {"password": "another long sentence"})
    assert sign_in(client, "another long sentence") == 204
    assert sign_in(client, "a long first sentence") == 401


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"username": "bob"}, "Already taken"),
        ({"username": "two words"}, "Must consist of letters, digits and . _ - @ +"),
        ({"email": "nowhere"}, "Must be an e-mail address"),
        ({"password": "short"}, "At least 12 characters, or none"),
        ({"project_id": "9999"}, "There is no project 9999"),
        ({"name": ""}, "Name cannot be empty"),
    ],
)
def test_nobody_is_made_of_what_is_wrong(
    browser: Browser, cast: dict[str, User], change: dict[str, str], why: str
) -> None:
    answer = browser("root").post(URL, data=NINA | {"role": "guest"} | change)
    assert answer.status_code == 422 and why in answer.text
    assert users.find("nina@example.test") is None and users.find("nina") is None


def test_users_are_found_by_a_part_of_their_name(browser: Browser, cast: dict[str, User]) -> None:
    page = browser("root").get(f"{URL}?q=MALL").text
    assert "mallory@example.test" in page and "bob@example.test" not in page
    assert "No users match" in browser("root").get(f"{URL}?q=zzz").text


def test_administrators_make_others_administrators_and_stay_it(
    browser: Browser, cast: dict[str, User]
) -> None:
    root, bob = browser("root"), cast["bob"]
    data = {"name": "Bob", "username": "bob", "email": "bob@example.test"}
    root.post(f"{URL}/{bob.id}/edit", data=data | {"admin": "1"})
    assert browser("bob").get(URL).status_code == 200
    own = {"name": "Root", "username": "root", "email": "root@example.test"}
    assert root.post(f"{URL}/{cast['root'].id}/edit", data=own).status_code == 303
    assert browser("root").get(URL).status_code == 200


def test_of_two_who_edit_a_user_the_second_sees_what_the_first_saved(
    browser: Browser, cast: dict[str, User]
) -> None:
    root, edit = browser("root"), f"{URL}/{cast['bob'].id}/edit"
    version = re.search(r'name="version" value="(\d+)"', root.get(edit).text)[1]
    data = {"name": "Bob", "username": "bob", "email": "bob@example.test", "version": version}
    assert root.post(edit, data=data | {"admin": "1", "name": "Robert"}).status_code == 303
    late = root.post(edit, data=data | {"password": "a long first sentence"})
    assert late.status_code == 409 and "Changed by Root" in late.text and "Save mine" in late.text
    facts = re.search(r'<dl class="facts">(.*?)</dl>', late.text, re.DOTALL)[1]
    assert re.findall(r"<d[td]>(.*?)</d[td]>", facts) == [
        "Name", "Robert", "Administrator of the server", "yes",
    ]  # fmt: skip
    assert 'value="Bob"' in late.text and "argon" not in late.text
    stored = users.find("bob")
    assert (stored.name, stored.admin, stored.password) == ("Robert", True, "")
    now = re.search(r'name="version" value="(\d+)"', late.text)[1]
    assert root.post(edit, data=data | {"version": now}).status_code == 303
    assert (users.find("bob").name, users.find("bob").admin) == ("Bob", False)


def test_who_goes_leaves_his_runs_behind(
    browser: Browser, project: Project, cast: dict[str, User]
) -> None:
    run = factories.task(factories.template(project), user_id=cast["bob"].id, status="success")
    root = browser("root")
    assert "stay, without the name" in root.get(f"{URL}/{cast['bob'].id}/delete").text
    assert root.post(f"{URL}/{cast['bob'].id}/delete").status_code == 303
    assert root.get(f"/p/{project.id}/runs/{run.id}").status_code == 200
    assert users.find("bob") is None
    assert root.post(f"{URL}/{cast['root'].id}/delete").status_code == 404
    assert root.post(f"{URL}/{cast['alice'].id}/delete").status_code == 400

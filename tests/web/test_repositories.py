"""Repositories: the list, a repository's page, its form, and how it goes away."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.models import Project, Repository
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
SENT = {"name": "Web", "git_url": "https://git.example.test/web.git", "git_branch": "main"}


@pytest.fixture
def repository(project: Project) -> Repository:
    return factories.repository(project, name="Scripts")


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/repositories"


def stored() -> list[Repository]:
    db.session.rollback()
    return list(db.session.scalars(select(Repository).order_by(Repository.id)))


def sent_with(repository: Repository, **values: str) -> dict[str, str]:
    return SENT | {"ssh_key_id": str(repository.ssh_key_id)} | values


def test_the_list_is_a_page_and_a_fragment(
    browser: Browser, repository: Repository, url: str
) -> None:
    factories.template(db.session.get(Project, repository.project_id), repository_id=repository.id)
    page = browser("dave").get(url)
    assert page.text.count("<h1") == 1
    assert "Scripts" in page.text
    assert "1 repository" in page.text
    assert "New repository" not in page.text
    fragment = browser("bob").get(url, headers=HX).text
    assert f'id="repository-{repository.id}"' in fragment
    assert 'hx-swap-oob="true">1 repository<' in fragment
    assert "<h1" not in fragment
    assert "New repository" in browser("bob").get(url).text


@pytest.mark.parametrize(
    ("q", "found"),
    [("scri", True), ("GIT.example", True), ("100%", False), ("_", False), ("nothing", False)],
)
def test_the_filter_looks_at_name_and_url(
    browser: Browser, repository: Repository, url: str, q: str, found: bool
) -> None:
    page = browser("dave").get(url, query_string={"q": q}).text
    assert ("Scripts" in page) is found
    assert ("No repositories match" in page) is not found


def test_an_empty_list_says_what_a_repository_is(browser: Browser, url: str) -> None:
    page = browser("bob").get(url).text
    assert "No repositories yet" in page
    assert "A repository is where" in page


def test_a_project_shows_its_own_only(browser: Browser, repository: Repository, url: str) -> None:
    other = factories.repository(factories.project("Other"), name="Foreign")
    assert "Foreign" not in browser("alice").get(url).text
    for path in ("", "/edit", "/delete"):
        assert browser("root").get(f"{url}/{other.id}{path}").status_code == 404
    for path in ("/edit", "/delete"):
        assert browser("root").post(f"{url}/{other.id}{path}", data=SENT).status_code == 404
    assert len(stored()) == 2


def test_its_page_names_what_uses_it(
    browser: Browser, project: Project, repository: Repository, url: str
) -> None:
    page = browser("dave").get(f"{url}/{repository.id}").text
    assert "Nothing uses it yet" in page
    assert "Delete" not in page
    template = factories.template(project, "Deploy", repository_id=repository.id)
    page = browser("bob").get(f"{url}/{repository.id}").text
    assert f'href="/p/{project.id}/templates/{template.id}">Deploy</a>' in page
    fragment = browser("bob").get(f"{url}/{repository.id}", headers=HX).text
    assert "Deploy" in fragment
    assert "<html" not in fragment


def test_the_form_is_a_page_and_a_sheet(browser: Browser, url: str, project: Project) -> None:
    factories.access_key(project)
    page = browser("bob").get(f"{url}/new").text
    sheet = browser("bob").get(f"{url}/new", headers=HX).text
    assert "<h1" in page
    assert "hx-post" not in page
    assert "<h1" not in sheet
    assert 'id="sheet-title">New repository' in sheet
    assert "selected>None (no credentials)</option>" in sheet
    assert 'value="main"' in sheet


def test_it_creates(browser: Browser, repository: Repository, url: str) -> None:
    answer = browser("bob").post(url, data=sent_with(repository), headers=HX)
    assert answer.status_code == 204
    for event in ("sheet:close", "refresh:repositories", "Repository created"):
        assert event in answer.headers["HX-Trigger"]
    made = stored()[-1]
    assert (made.name, made.git_url, made.git_branch) == tuple(SENT.values())


def test_without_htmx_it_leads_to_the_list(
    browser: Browser, repository: Repository, url: str
) -> None:
    client = browser("bob")
    answer = client.post(url, data=sent_with(repository))
    assert (answer.status_code, answer.location) == (303, url)
    assert "Repository created" in client.get(url).text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"name": ""}, "Repository name can&#39;t be empty"),
        ({"name": "x" * 256}, "At most 255 characters"),
        ({"git_url": ""}, "Repository url can&#39;t be empty"),
        ({"git_url": "ext::sh -c id"}, "make git run programs"),
        ({"git_url": "--upload-pack=id"}, "."),
        ({"git_branch": "-x"}, "."),
        ({"git_branch": ""}, "Repository branch can&#39;t be empty"),
        ({"ssh_key_id": ""}, "Choose a key of this project"),
        ({"ssh_key_id": "999"}, "There is no key 999 in this project"),
        ({"ssh_key_id": "x"}, "Must be a whole number"),
    ],
)
def test_a_refused_form_comes_back_with_its_errors(
    browser: Browser, repository: Repository, url: str, changed: dict[str, str], text: str
) -> None:
    sent = sent_with(repository) | changed
    answer = browser("bob").post(url, data=sent, headers=HX)
    assert answer.status_code == 422
    assert re.search(rf'id="f-{next(iter(changed))}-error">.*{text}', answer.text)
    assert "<h1" not in answer.text
    assert len(stored()) == 1


def test_a_foreign_key_is_refused(browser: Browser, repository: Repository, url: str) -> None:
    foreign = factories.access_key(factories.project("Other"))
    answer = browser("bob").post(url, data=SENT | {"ssh_key_id": str(foreign.id)})
    assert answer.status_code == 422
    assert len(stored()) == 1


@pytest.fixture
def edit(browser: Browser, repository: Repository, url: str) -> Callable[..., TestResponse]:
    """Save the form of Scripts as Bob in a version: edit("0", name="Mine")."""

    def save(version: str, **values: str) -> TestResponse:
        sent = sent_with(repository, version=version, **values)
        return browser("bob").post(f"{url}/{repository.id}/edit", data=sent, headers=HX)

    return save


def test_it_saves(edit: Callable[..., TestResponse], browser: Browser, url: str) -> None:
    page = browser("bob").get(f"{url}/1/edit").text
    assert 'name="version" value="0"' in page
    assert 'value="Scripts"' in page
    assert edit("0", name="Mine").status_code == 204
    assert (stored()[0].name, stored()[0].lock_version) == ("Mine", 1)


def test_a_stale_edit_shows_both_values(edit: Callable[..., TestResponse]) -> None:
    edit("0", name="First")
    answer = edit("0", name="Second", git_branch="dev")
    assert answer.status_code == 409
    assert "Changed by Bob" in answer.text
    assert re.search(r"<dt>Name</dt>\s*<dd>First</dd>", answer.text)
    assert re.search(r"<dt>Branch</dt>\s*<dd>main</dd>", answer.text)
    assert 'value="Second"' in answer.text
    assert "Save mine" in answer.text
    assert 'name="version" value="1"' in answer.text
    assert stored()[0].name == "First"
    assert edit("1", name="Second", git_branch="dev").status_code == 204
    assert (stored()[0].name, stored()[0].git_branch) == ("Second", "dev")


def test_deleting_is_asked_first(browser: Browser, repository: Repository, url: str) -> None:
    question = browser("bob").get(f"{url}/{repository.id}/delete", headers=HX).text
    assert "Delete “Scripts”?" in question
    assert "<h1" not in question
    answer = browser("bob").post(f"{url}/{repository.id}/delete", headers=HX)
    assert answer.status_code == 204
    assert "dialog:close" in answer.headers["HX-Trigger"]
    assert "refresh:repositories" in answer.headers["HX-Trigger"]
    assert stored() == []


def test_deleted_on_its_own_page_it_leads_to_the_list(
    browser: Browser, repository: Repository, url: str
) -> None:
    own = f"{url}/{repository.id}/delete"
    question = browser("bob").get(f"{own}?from=page", headers=HX).text
    assert 'name="from" value="page"' in question
    answer = browser("bob").post(own, data={"from": "page"}, headers=HX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, url)


def test_what_is_in_use_names_its_users(
    browser: Browser, project: Project, repository: Repository, url: str
) -> None:
    template = factories.template(project, "Deploy", repository_id=repository.id)
    notice = browser("bob").get(f"{url}/{repository.id}/delete", headers=HX).text
    assert "Can&#39;t delete “Scripts”" in notice
    assert f'href="/p/{project.id}/templates/{template.id}">Deploy</a>' in notice
    assert "<form" not in notice
    assert browser("bob").post(f"{url}/{repository.id}/delete").status_code == 409
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("name", "reads", "writes"),
    [("alice", 200, 204), ("bob", 200, 204), ("carol", 200, 403), ("dave", 200, 403),
     ("mallory", 404, 404), ("root", 200, 204)],
)  # fmt: skip
def test_who_may_what(
    browser: Browser, repository: Repository, url: str, name: str, reads: int, writes: int
) -> None:
    client = browser(name)
    own = f"{url}/{repository.id}"
    assert {client.get(path).status_code for path in (url, own)} == {reads}
    forms = {
        client.get(path).status_code for path in (f"{url}/new", f"{own}/edit", f"{own}/delete")
    }
    assert forms == {200 if writes == 204 else writes}
    sent = sent_with(repository)
    done = [client.post(path, data=sent, headers=HX).status_code
            for path in (url, f"{own}/edit", f"{own}/delete")]  # fmt: skip
    assert done == [writes] * 3


@pytest.mark.parametrize("path", ["", "/1/edit", "/1/delete"])
def test_a_forged_form_is_refused(
    browser: Browser, repository: Repository, url: str, path: str
) -> None:
    client = browser("bob")
    forged = {"X-CSRF-Token": ""}
    assert client.post(url + path, data=sent_with(repository), headers=forged).status_code == 403
    assert [r.name for r in stored()] == ["Scripts"]


def test_names_are_text(browser: Browser, project: Project, url: str) -> None:
    hostile = """"><script>alert(1)</script>"""
    made = factories.repository(project, name=hostile, git_url="https://x.test/<b>.git")
    for path in ("", f"/{made.id}", f"/{made.id}/edit", f"/{made.id}/delete"):
        page = browser("bob").get(url + path).text
        assert "<script>alert" not in page
        assert "<b>" not in page

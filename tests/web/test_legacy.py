"""Old addresses still lead somewhere, and the start page to where one was."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("/", ""),
        ("/dashboard", ""),
        ("/history", "/runs"),
        ("/history?t=5", "/runs/5"),
        ("/templates/3?t=17", "/runs/17"),
        ("/templates?t=x", "/templates"),
        ("/templates", "/templates"),
        ("/templates/3", "/templates/3"),
        ("/templates/3/tasks", "/templates/3"),
        ("/repositories", "/repositories"),
        ("/repositories/3/edit", "/repositories/3/edit"),
        ("/no/such/page", ""),
    ],
)
def test_the_originals_pages_lead_to_ours(client: FlaskClient, old: str, new: str) -> None:
    answer = client.get(f"/project/7{old}")
    assert (answer.status_code, answer.location) == (302, f"/p/7{new}")


def test_the_originals_sign_in_leads_to_ours(client: FlaskClient) -> None:
    assert client.get("/auth/login").location == "/login"


def test_who_has_one_project_starts_in_it(browser: Browser, project: Project) -> None:
    assert browser("dave").get("/").location == f"/p/{project.id}"


def test_who_has_none_starts_at_the_list(browser: Browser) -> None:
    assert browser("mallory").get("/").location == "/projects"


def test_who_has_several_starts_where_he_was_last(browser: Browser, project: Project) -> None:
    factories.project("Another")
    client = browser("root")
    assert client.get("/").location == "/projects"
    visited = client.get(f"/p/{project.id}/repositories")
    assert "heliograph_project" in str(visited.headers.getlist("Set-Cookie"))
    again = client.get(f"/p/{project.id}/repositories")
    assert "Set-Cookie" not in again.headers
    assert client.get("/").location == f"/p/{project.id}"


def test_over_https_the_project_is_remembered_for_https(browser: Browser, project: Project) -> None:
    url = f"/p/{project.id}/repositories"
    assert "Secure" not in browser("bob").get(url).headers["Set-Cookie"]
    assert "Secure" in browser("bob").get(url, base_url="https://localhost").headers["Set-Cookie"]


def test_a_project_one_may_not_see_is_not_remembered(browser: Browser, project: Project) -> None:
    client = browser("mallory")
    assert client.get(f"/p/{project.id}/repositories").status_code == 404
    client.set_cookie("heliograph_project", str(project.id))
    assert client.get("/").location == "/projects"

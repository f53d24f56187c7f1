"""The frame around pages: side bar, project menu, the page's socket, error pages."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import redis
from app.models import Project
from app.services import live_events
from app.web.nav import NAV

Browser = Callable[[str], FlaskClient]


def text_of(client: FlaskClient, path: str) -> str:
    return html.unescape(client.get(path).text)


@pytest.mark.parametrize(("name", "hidden"), [("alice", 0), ("bob", 1), ("dave", 1)])
def test_every_link_of_the_side_bar_has_a_page(
    browser: Browser, project: Project, name: str, hidden: int
) -> None:
    """Only owners have settings."""
    page = browser(name).get(f"/p/{project.id}").text
    bar = page[page.index('class="sidebar"') : page.index("</nav>", page.index('class="sidebar"'))]
    links = re.findall(r'<a href="([^"]+)"', bar)
    assert len(links) == sum(len(entries) for _, entries in NAV) - hidden
    for link in links:
        assert browser(name).get(html.unescape(link)).status_code == 200


def test_the_side_bar_marks_where_one_is(browser: Browser, project: Project) -> None:
    page = browser("alice").get(f"/p/{project.id}/runs").text
    marked = re.findall(r'<a href="([^"]+)" aria-current="page"', page)
    assert set(marked) == {f"/p/{project.id}/runs"}


def test_the_menu_names_ones_own_projects(browser: Browser, project: Project) -> None:
    assert project.name in text_of(browser("carol"), "/help/shortcuts")
    assert project.name not in text_of(browser("mallory"), "/help/shortcuts")


def test_a_page_knows_the_last_event_it_has_seen(browser: Browser, project: Project) -> None:
    before = browser("alice").get(f"/p/{project.id}/runs").text
    assert f'data-socket="/ws?project={project.id}" data-last="0-0"' in before
    last = redis.client.xadd(live_events.key(project.id), {"j": "{}"})
    assert isinstance(last, bytes)
    after = browser("alice").get(f"/p/{project.id}/runs").text
    assert f'data-last="{last.decode()}"' in after


def test_a_page_without_a_user_has_no_socket(client: FlaskClient) -> None:
    assert "data-socket" not in client.get("/dev/ui").text


@pytest.mark.parametrize(
    ("name", "path", "status", "title"),
    [
        ("alice", "/p/{id}/runs/999", 404, "This does not exist"),
        ("mallory", "/p/{id}", 404, "This does not exist"),
        ("dave", "/p/{id}/templates/new/bash", 403, "You may not do this"),
        ("alice", "/nowhere", 404, "This does not exist"),
    ],
)
def test_errors_are_pages_with_their_own_title(
    browser: Browser, project: Project, name: str, path: str, status: int, title: str
) -> None:
    response = browser(name).get(path.format(id=project.id))
    assert response.status_code == status
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", response.text) == [title]
    assert f"<title>{title} · " in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_a_refusal_names_the_role_it_takes_and_who_gives_it(
    browser: Browser, project: Project
) -> None:
    text = browser("dave").get(f"/p/{project.id}/templates/new/bash").text
    assert "This takes the role manager or higher." in text
    assert "is guest. Its owners can change that: Alice." in text
    stop = browser("dave").post(f"/p/{project.id}/runs/1/stop").text
    assert "This takes the role task runner or higher." in stop


def test_who_makes_projects_is_no_matter_of_their_owners(browser: Browser) -> None:
    text = browser("alice").get("/projects/new").text
    assert "Only administrators may do this." in text and "owner" not in text


def test_a_stranger_does_not_learn_the_projects_name(browser: Browser, project: Project) -> None:
    assert project.name not in text_of(browser("mallory"), f"/p/{project.id}")


@pytest.mark.parametrize("status", [400, 409, 429, 500, 503])
def test_every_error_can_be_shown(app: Flask, browser: Browser, status: int) -> None:
    with app.test_request_context("/somewhere?x=1"):
        page = app.jinja_env.get_template("error.html")
        context = {"status": status, "message": "Why <b>", "request_id": "4ee810af"}
        app.update_template_context(context)
        text = page.render(context)
    assert text.count("<h1>") == 1
    assert "Why &lt;b&gt;." in text
    assert ("4ee810af" in text) == (status >= 500)

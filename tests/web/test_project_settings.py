"""The settings of a project, and its backup as a download."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Event, Project
from tests import factories

Browser = Callable[[str], FlaskClient]

SETTINGS = {"name": "Shop", "max_parallel_tasks": "3", "max_duration": "1.5", "alert": "1",
            "alert_chat": "-100"}  # fmt: skip


def stored(project: Project) -> dict[str, Any]:
    db.session.refresh(project)
    return {name: getattr(project, name) for name in (*SETTINGS, "type")}


def test_an_owner_saves_all_of_them(browser: Browser, project: Project) -> None:
    project.type = "kept"
    factories.save()
    url = f"/p/{project.id}/settings"
    answer = browser("alice").post(url, data=SETTINGS)
    assert (answer.status_code, answer.location) == (303, url)
    assert stored(project) == {"name": "Shop", "max_parallel_tasks": 3, "max_duration": 90,
                               "alert": True, "alert_chat": "-100", "type": "kept"}  # fmt: skip
    page = browser("alice").get(url).text
    for text in ('value="Shop"', 'value="3"', 'value="1.5"', 'value="-100"', "checked"):
        assert text in page
    (event,) = db.session.scalars(select(Event).filter_by(project_id=project.id))
    assert event.description == "Project Shop updated"


def test_what_is_emptied_is_gone(browser: Browser, project: Project) -> None:
    client, url = browser("alice"), f"/p/{project.id}/settings"
    client.post(url, data=SETTINGS)
    emptied = {"name": "Shop", "max_parallel_tasks": "", "max_duration": "", "alert_chat": ""}
    assert client.post(url, data=emptied).status_code == 303
    assert stored(project) == {"name": "Shop", "max_parallel_tasks": 0, "max_duration": 0,
                               "alert": False, "alert_chat": None, "type": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"name": " "}, "Name cannot be empty"),
        ({"name": "x" * 256}, "At most 255 characters"),
        ({"max_parallel_tasks": "many"}, "Must be a whole number"),
        ({"max_parallel_tasks": "9" * 5000}, "This number is too large"),
        ({"max_duration": "soon"}, "Must be a whole number"),
        ({"max_duration": "-1"}, "Must be at least 0"),
        ({"max_duration": "1e300"}, "Must be at most"),
        ({"max_duration": "inf"}, "Must be a whole number"),
        ({"alert_chat": "a\nb"}, "one line without control characters"),
    ],
)
def test_a_refused_form_comes_back_with_what_was_typed(
    browser: Browser, project: Project, sent: dict[str, str], text: str
) -> None:
    before = stored(project)
    answer = browser("alice").post(f"/p/{project.id}/settings", data=SETTINGS | sent)
    assert answer.status_code == 422
    assert text in answer.text
    assert 'value="-100"' in answer.text or "alert_chat" in sent
    assert stored(project) == before


def test_of_two_who_save_the_second_is_shown_what_the_first_has_stored(
    browser: Browser, project: Project
) -> None:
    client, url = browser("alice"), f"/p/{project.id}/settings"
    client.post(url, data=SETTINGS)
    answer = client.post(url, data=SETTINGS | {"name": "Mine", "max_duration": "", "version": "0"})
    assert answer.status_code == 409
    for text in ("<dd>Shop</dd>", "<dd>1.5 minutes</dd>", 'value="Mine"', "Save mine"):
        assert text in answer.text
    assert stored(project)["name"] == "Shop"
    again = {"name": "Mine", "version": str(project.lock_version)}
    assert client.post(url, data=SETTINGS | again).status_code == 303


def test_a_backup_is_the_apis_in_a_file(browser: Browser, api: Any, project: Project) -> None:
    factories.template(project, "Ahoj ☀")
    answer = browser("bob").get(f"/p/{project.id}/settings/backup.json")
    assert answer.json == api("bob").get(f"/api/project/{project.id}/backup").json
    assert "Ahoj ☀" in answer.text
    named = f"attachment; filename=project-{project.id}.json"
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_list_of_projects_leads_owners_to_their_settings(
    browser: Browser, project: Project
) -> None:
    link = f'href="/p/{project.id}/settings"'
    assert link in browser("alice").get("/projects").text
    assert link not in browser("bob").get("/projects").text


def test_the_originals_address_leads_here(browser: Browser, project: Project) -> None:
    answer = browser("alice").get(f"/project/{project.id}/settings")
    assert answer.location == f"/p/{project.id}/settings"

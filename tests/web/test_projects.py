"""The list of projects, and a new one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.clock import utcnow
from app.db import db
from app.extensions import settings
from app.models import Project, ProjectUser
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}


def test_it_shows_role_runs_failure_and_members(browser: Browser, project: Project) -> None:
    template = factories.template(project, "Deploy")
    failed = factories.task(template, status="error", end=utcnow())
    factories.task(template, status="running")
    factories.project("Not his")
    page = browser("carol").get("/projects").text
    for text in ("Alice&#39;s project", "Task runner", f"#{failed.id} Deploy", ">1<", ">4<"):
        assert text in page
    assert "Not his" not in page
    assert "New project" not in page


def test_an_administrator_sees_all_and_may_make_more(browser: Browser, project: Project) -> None:
    factories.project("Not his")
    page = browser("root").get("/projects").text
    assert page.count("Administrator") == 2
    assert "No failure" in page
    assert "New project" in page


def test_who_has_none_is_told_why(browser: Browser) -> None:
    page = browser("mallory").get("/projects").text
    assert "You are not in a project yet" in page


def test_the_list_is_a_fragment_for_htmx(browser: Browser) -> None:
    fragment = browser("alice").get("/projects", headers=HX)
    assert 'id="project-1"' in fragment.text
    assert "<h1" not in fragment.text
    assert "HX-Request" in fragment.headers["Vary"]


def test_its_queries_do_not_grow_with_the_projects(browser: Browser, count_queries: Any) -> None:
    client = browser("root")
    with count_queries() as few:
        client.get("/projects")
    for n in range(10):
        factories.task(factories.template(factories.project(f"P{n}")), status="error")
    with count_queries() as many:
        client.get("/projects")
    assert len(many) == len(few)


def test_the_form_is_a_page_and_a_sheet(browser: Browser) -> None:
    page, sheet = browser("root").get("/projects/new"), browser("root").get(
        "/projects/new", headers=HX
    )  # fmt: skip
    assert "<h1" in page.text
    assert "hx-post" not in page.text
    assert "<h1" not in sheet.text
    assert 'hx-target="#sheet-body"' in sheet.text


def test_it_makes_a_project_that_one_owns(browser: Browser) -> None:
    answer = browser("root").post("/projects", data={"name": "Web", "max_parallel_tasks": "3"})
    made = db.session.scalars(select(Project).filter_by(name="Web")).one()
    member = db.session.scalars(select(ProjectUser).filter_by(project_id=made.id)).one()
    assert (answer.status_code, answer.location) == (303, f"/p/{made.id}")
    assert (made.max_parallel_tasks, member.role) == (3, "owner")


def test_htmx_is_led_to_the_new_project(browser: Browser) -> None:
    answer = browser("root").post("/projects", data={"name": "Web"}, headers=HX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/p/")


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"name": " "}, "Name cannot be empty"),
        ({}, "Name cannot be empty"),
        ({"name": "x" * 256}, "At most 255 characters"),
        ({"name": "web", "max_parallel_tasks": "many"}, "Must be a whole number"),
        ({"name": "web", "max_parallel_tasks": "-1"}, "Must be at least 0"),
    ],
)
def test_a_refused_form_comes_back_with_its_errors(
    browser: Browser, sent: dict[str, str], text: str
) -> None:
    answer = browser("root").post("/projects", data=sent, headers=HX)
    assert answer.status_code == 422
    assert text in answer.text
    assert "<h1" not in answer.text
    assert len(db.session.scalars(select(Project)).all()) == 1


@pytest.mark.parametrize("name", ["alice", "mallory"])
def test_only_administrators_make_projects(browser: Browser, name: str) -> None:
    assert browser(name).get("/projects/new").status_code == 403
    assert browser(name).post("/projects", data={"name": "Web"}).status_code == 403


def test_everybody_makes_projects_where_the_setting_says_so(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = replace(settings(), NON_ADMIN_CAN_CREATE_PROJECT=True)
    monkeypatch.setitem(app.config, "HELIOGRAPH", changed)
    assert "New project" in browser("mallory").get("/projects").text
    assert browser("mallory").post("/projects", data={"name": "Mine"}).status_code == 303


def test_a_forged_form_makes_nothing(browser: Browser) -> None:
    forged = {"X-CSRF-Token": ""}
    assert browser("root").post("/projects", data={"name": "X"}, headers=forged).status_code == 403
    assert len(db.session.scalars(select(Project)).all()) == 1


def test_an_owner_deletes_a_project_and_others_do_not_see_how(browser, project) -> None:
    url = f"/projects/{project.id}/delete"
    assert url in browser("alice").get("/projects").text
    assert url not in browser("bob").get("/projects").text
    dialog = browser("alice").get(url, headers=HX).text
    assert "Delete project" in dialog and "0 templates" in dialog
    project_id = project.id
    assert browser("alice").post(url).status_code == 303
    db.session.rollback()
    assert db.session.get(Project, project_id) is None


def test_a_project_with_active_runs_is_stopped_first(browser, project) -> None:
    task = factories.task(factories.template(project), status="running")
    url = f"/projects/{project.id}/delete"
    assert browser("alice").post(url).status_code == 409
    assert "Stop 1 run and delete" in browser("alice").get(url, headers=HX).text
    answer = browser("alice").post(f"{url}?stop=1", headers=HX)
    assert answer.status_code == 204 and answer.headers["HX-Redirect"] == "/projects"
    db.session.refresh(task)
    assert task.status == "stopping" and db.session.get(Project, project.id)

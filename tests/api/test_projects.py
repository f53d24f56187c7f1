from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import db
from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


def test_an_administrator_creates_a_project(api: Api) -> None:
    body = {"name": "P", "alert": True, "alert_chat": "-100", "max_parallel_tasks": 3, "type": ""}
    made = api("root").post("/api/projects", json=body)
    assert made.status_code == 201
    assert {name: made.json[name] for name in body} == body
    url = f"/api/project/{made.json['id']}"
    assert api("root").get(url).json == made.json
    assert api("root").get(f"{url}/role").json == {"role": "owner", "permissions": 15}
    assert [key["name"] for key in api("root").get(f"{url}/keys").json] == ["None"]
    groups = api("root").get(f"{url}/environment").json
    assert [(group["name"], group["json"]) for group in groups] == [("Empty", "{}")]


def test_names_may_be_equal(api: Api) -> None:
    for body in ({"name": "Alice's project"}, {"name": "Alice's project", "alert_chat": None}):
        assert api("root").post("/api/projects", json=body).status_code == 201


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": " "}, {"name": None}])
def test_a_project_has_a_name(api: Api, body: dict) -> None:
    answer = api("root").post("/api/projects", json=body)
    assert (answer.status_code, answer.json) == (400, {"error": "Name cannot be empty"})
    names = [project["name"] for project in api("root").get("/api/projects").json]
    assert names == ["Alice's project"]


def test_a_demo_comes_with_templates(api: Api) -> None:
    made = api("root").post("/api/projects", json={"name": "D", "demo": True}).json
    templates = api("root").get(f"/api/project/{made['id']}/templates").json
    assert len(templates) == 5
    assert {template["app"] for template in templates} == {"ansible", "bash"}


@pytest.mark.parametrize("body", [{"name": 7}, {"max_parallel_tasks": -1}, {"alert": "yes"}])
def test_a_bad_project_is_refused(api: Api, body: dict) -> None:
    answer = api("root").post("/api/projects", json={"name": "P"} | body)
    assert answer.status_code == 400 and next(iter(body)) in answer.json["error"]


def test_others_may_only_where_the_server_says_so(
    app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api("alice").post("/api/projects", json={"name": "P"}).status_code == 401
    open_to_all = replace(app.config["HELIOGRAPH"], NON_ADMIN_CAN_CREATE_PROJECT=True)
    monkeypatch.setitem(app.config, "HELIOGRAPH", open_to_all)
    assert api("alice").post("/api/projects", json={"name": "P"}).status_code == 201
    assert api("alice").get("/api/user").json["can_create_project"] is True


def test_a_change_names_the_project(api: Api, project: Project) -> None:
    url, alice = f"/api/project/{project.id}", api("alice")
    good = {"id": project.id, "name": "New", "max_parallel_tasks": 2}
    assert alice.put(url, json=good).status_code == 204
    assert alice.get(url).json["max_parallel_tasks"] == 2
    for wrong in ({"name": "x"}, {"id": project.id + 1, "name": "x"}):
        answer = alice.put(url, json=wrong)
        assert answer.status_code == 400
        assert answer.json == {"error": "Project ID in body and URL must be the same"}
    assert alice.get(url).json["name"] == "New"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": " "}, {"name": None}])
def test_a_change_leaves_no_project_without_a_name(api: Api, project: Project, body: dict) -> None:
    url, alice = f"/api/project/{project.id}", api("alice")
    answer = alice.put(url, json={"id": project.id} | body)
    assert (answer.status_code, answer.json) == (400, {"error": "Name cannot be empty"})
    assert alice.get(url).json["name"] == "Alice's project"


@pytest.mark.parametrize(
    ("name", "role", "bits"),
    [("alice", "owner", 15), ("bob", "manager", 5), ("carol", "task_runner", 1),
     ("dave", "guest", 0), ("root", "", 15)],
)  # fmt: skip
def test_one_learns_ones_role(api: Api, project: Project, name: str, role: str, bits: int) -> None:
    answer = api(name).get(f"/api/project/{project.id}/role")
    assert answer.json == {"role": role, "permissions": bits}


def test_a_project_is_deleted_with_everything_unless_a_task_is_active(
    api: Api, project: Project
) -> None:
    url, template = f"/api/project/{project.id}", factories.template(project)
    task = factories.task(template, status="waiting")
    refused = api("alice").delete(url)
    assert refused.status_code == 409 and "1 run" in refused.json["error"]
    assert api("carol").post(f"{url}/tasks/{task.id}/stop").status_code == 204
    assert api("alice").delete(url).status_code == 204
    assert api("alice").get(url).status_code == 404
    assert api("root").get(url).status_code == 404


def test_a_test_notification_tells_why_nobody_would_get_it(api: Api, project: Project) -> None:
    url = f"/api/project/{project.id}/notifications/test"
    answer = api("alice").post(url)
    assert (answer.status_code, answer.json["error"]) == (409, "Alerts are off in this project")
    project.alert = True
    db.session.commit()
    answer = api("alice").post(url)
    assert (answer.status_code, answer.json["error"]) == (
        409,
        "This server has no channel for alerts",
    )

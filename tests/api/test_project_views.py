from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Project, TaskTemplate
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/project/{project.id}/views"


def test_a_view_is_made_as_clients_know_it(api: Api, project: Project, url: str) -> None:
    body = {"title": "Build", "position": 1, "project_id": project.id}
    made = api("bob").post(url, json=body)
    assert made.status_code == 201
    usual = {"type": "", "hidden": False, "sort_reverse": False}
    assert made.json == body | usual | {"id": made.json["id"]}
    assert api("dave").get(f"{url}/{made.json['id']}").json == made.json


def test_views_come_by_their_position(api: Api, project: Project, url: str) -> None:
    for title, position in (("Build", 2), ("Deploy", 0), ("Build", 0)):
        factories.view(project, title, position=position)
    assert [view["title"] for view in api("dave").get(url).json] == ["Deploy", "Build", "Build"]


@pytest.mark.parametrize("title", [{}, {"title": ""}, {"title": " "}])
def test_a_view_has_a_title(api: Api, project: Project, url: str, title: dict) -> None:
    answer = api("bob").post(url, json={"project_id": project.id} | title)
    assert (answer.status_code, answer.json) == (400, {"error": "title can not be empty"})


@pytest.mark.parametrize(
    "wrong", [{"title": 5}, {"position": -1}, {"type": "none"}, {"sort_column": "id"}]
)
def test_bad_values_are_named(api: Api, project: Project, url: str, wrong: dict) -> None:
    answer = api("bob").post(url, json={"project_id": project.id, "title": "T"} | wrong)
    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json["error"]
    assert api("bob").get(url).json == []


def test_a_change_names_the_view_and_a_missing_position_is_the_first(
    api: Api, project: Project, url: str
) -> None:
    view = factories.view(project, position=3)
    good = {"id": view.id, "project_id": project.id, "title": "Builds"}
    assert api("bob").put(f"{url}/{view.id}", json=good).status_code == 204
    assert api("bob").get(f"{url}/{view.id}").json["position"] == 0
    for wrong, words in (
        ({"id": view.id + 1}, "View ID in URL and in body must be the same"),
        ({"id": 0}, "View ID in URL and in body must be the same"),
        ({"project_id": 99}, "Project ID in body and URL must be the same"),
    ):
        answer = api("bob").put(f"{url}/{view.id}", json=good | wrong)
        assert (answer.status_code, answer.json) == (400, {"error": words})


def test_views_are_put_in_another_order(api: Api, project: Project, url: str) -> None:
    first, second = factories.view(project, "A"), factories.view(project, "B", position=1)
    body = {str(second.id): 0, str(first.id): 4, "9999": 1}
    assert api("bob").post(f"{url}/positions", json=body).status_code == 204
    assert [view["title"] for view in api("dave").get(url).json] == ["B", "A"]


@pytest.mark.parametrize("body", [{"abc": 1}, [1], {"1": "first"}, {"1": -1}])
def test_positions_are_numbers_of_views(api: Api, url: str, body: object) -> None:
    answer = api("bob").post(f"{url}/positions", json=body)
    assert answer.status_code == 400 and "[key]" not in answer.json["error"]


def test_a_template_lies_in_a_view_of_its_project(api: Api, project: Project, url: str) -> None:
    view, foreign = factories.view(project), factories.view(factories.project("Other"))
    template, other = factories.template(project), factories.template(project, "Other")
    path = f"/api/project/{project.id}/templates/{template.id}"
    body = api("bob").get(path).json
    assert "view_id" not in body
    assert api("bob").put(path, json=body | {"view_id": view.id}).status_code == 204
    assert api("bob").get(path).json["view_id"] == view.id
    found = api("dave").get(f"{url}/{view.id}/templates").json
    assert [one["id"] for one in found] == [template.id] and other.id
    refused = api("bob").put(path, json=body | {"view_id": foreign.id})
    assert refused.status_code == 400 and "view_id" in refused.json["error"]


def test_the_templates_of_a_view_that_goes_stay(api: Api, project: Project, url: str) -> None:
    view_id = factories.view(project).id
    template_id = factories.template(project, view_id=view_id).id
    assert api("bob").delete(f"{url}/{view_id}").status_code == 204
    db.session.expire_all()
    assert db.session.get_one(TaskTemplate, template_id).view_id is None
    assert api("bob").delete(f"{url}/{view_id}").status_code == 404

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def repositories(project: Project) -> str:
    return f"/api/project/{project.id}/repositories"


@pytest.fixture
def good(project: Project) -> dict[str, Any]:
    return {
        "name": "R",
        "project_id": project.id,
        "git_url": "git@git.example.test:team/app.git",
        "git_branch": "main",
        "ssh_key_id": factories.access_key(project).id,
    }


def test_a_repository_is_created_changed_and_deleted(
    api: Api, repositories: str, good: dict
) -> None:
    bob = api("bob")
    made = bob.post(repositories, json=good)
    assert (made.status_code, made.json) == (201, good | {"id": made.json["id"]})
    url = f"{repositories}/{made.json['id']}"
    change = made.json | {"git_url": "ssh://git@git.example.test:2222/app.git", "git_branch": "dev"}
    assert bob.put(url, json=change).status_code == 204
    assert bob.get(url).json == change
    assert bob.get(repositories).json == [change]
    assert bob.delete(url).status_code == 204
    assert bob.get(url).status_code == 404


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": ""}, "repository name can't be empty"),
        ({"git_url": ""}, "repository url can't be empty"),
        ({"git_branch": ""}, "repository branch can't be empty"),
        ({"ssh_key_id": 999}, "ssh_key_id: There is no key 999 in this project"),
        ({"ssh_key_id": None}, "ssh_key_id: Choose a key of this project"),
        ({"ssh_key_id": "1"}, "ssh_key_id: Input should be a valid integer"),
        ({"project_id": 999}, "Project ID in body and URL must be the same"),
        ({"project_id": None}, "Project ID in body and URL must be the same"),
    ],
)
def test_a_bad_repository_is_refused(
    api: Api, repositories: str, good: dict, change: dict, error: str
) -> None:
    answer = api("bob").post(repositories, json=good | change)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert api("bob").get(repositories).json == []


@pytest.mark.parametrize("url", ["--upload-pack=touch /tmp/x", "ext::sh -c id", "file://../etc"])
def test_a_url_that_makes_git_do_something_else_is_refused(
    api: Api, repositories: str, good: dict, url: str
) -> None:
    answer = api("bob").post(repositories, json=good | {"git_url": url})
    assert answer.status_code == 400 and answer.json["error"].startswith("git_url: ")


def test_a_change_must_repeat_the_ids(api: Api, repositories: str, good: dict) -> None:
    made = api("bob").post(repositories, json=good).json
    for ids in ({"id": 999}, {"id": None}):
        answer = api("bob").put(f"{repositories}/{made['id']}", json=made | ids)
        assert answer.json == {"error": "Repository ID in body and URL must be the same"}


def test_a_repository_in_use_is_not_deleted(api: Api, repositories: str, project: Project) -> None:
    template = factories.template(project)
    url = f"{repositories}/{template.repository_id}"
    answer = api("bob").delete(url)
    assert (answer.status_code, answer.json) == (
        400,
        {"error": "Repository is in use by one or more templates", "inUse": True},
    )
    assert api("bob").get(f"{url}/refs").json["templates"] == [{"id": template.id, "name": "Hello"}]

"""Branches and playbooks over the API: the client waits for the worker, but not for ever."""

import pytest

from app.api import looks
from app.models import Repository
from app.services import probes
from tests import factories
from tests.answers import settle


@pytest.fixture
def repository(project) -> Repository:
    return factories.repository(project)


@pytest.fixture
def url(repository: Repository) -> str:
    return f"/api/project/{repository.project_id}/repositories/{repository.id}"


def test_branches_are_names(api, repository, url) -> None:
    settle("repository", repository, {"branches": ["main", "next"]})
    assert api("dave").get(f"{url}/branches").json == ["main", "next"]


def test_playbooks_are_paths(api, repository, url) -> None:
    settle("scripts", repository, {"names": ["site.yml"]}, app="ansible")
    assert api("dave").get(f"{url}/playbooks").json == ["site.yml"]


def test_what_is_wrong_with_it_is_400(api, repository, url) -> None:
    settle("repository", repository, None, "It is private.")
    answer = api("dave").get(f"{url}/branches")
    assert (answer.status_code, answer.json) == (400, {"error": "It is private."})


def test_without_a_worker_it_is_503(api, repository, url) -> None:
    answer = api("dave").get(f"{url}/branches")
    assert (answer.status_code, answer.json["error"]) == (503, probes.NO_WORKER)


def test_a_client_does_not_wait_for_ever(api, repository, url, monkeypatch) -> None:
    monkeypatch.setattr(looks, "PATIENCE", 0.2)
    factories.worker()
    answer = api("dave").get(f"{url}/branches")
    assert answer.status_code == 503
    assert "ask again" in answer.json["error"]

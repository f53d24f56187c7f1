"""DELETE /api/cache and /api/project/<id>/cache."""

from collections.abc import Callable

from flask.testing import FlaskClient

from app.models import Project
from tests import factories
from tests.answers import waiting

Api = Callable[[str], FlaskClient]


def asked(worker: str) -> list[dict]:
    return [job.args[-1] for job in waiting(worker)]


def test_each_repository_of_the_project_is_cleared(api: Api, project: Project) -> None:
    worker = factories.worker()
    for name in ("a", "b"):
        factories.repository(project, name=name)
    factories.repository(factories.project("Other"))
    assert api("alice").delete(f"/api/project/{project.id}/cache").status_code == 204
    assert asked(worker) == [{"clear": True}] * 2
    told = [
        event["description"] for event in api("alice").get(f"/api/project/{project.id}/events").json
    ]
    assert told[:2] == [f"Repository {name} relieved of its copies" for name in ("b", "a")]


def test_or_each_of_the_server(api: Api, project: Project) -> None:
    worker = factories.worker()
    factories.repository(project)
    factories.repository(factories.project("Other"))
    assert api("root").delete("/api/cache").status_code == 204
    assert asked(worker) == [{"clear": True}] * 2

"""What a template may name in its repository: a file, or for some tools a directory."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


def make(api: Api, project: Project, app: str, playbook: str) -> tuple[int, str]:
    repository = factories.repository(project, name=f"{app} {playbook}")
    body = {
        "project_id": project.id, "name": "T", "app": app, "playbook": playbook,
        "repository_id": repository.id, "type": "",
    }  # fmt: skip
    answer = api("bob").post(f"/api/project/{project.id}/templates", json=body)
    return answer.status_code, answer.json.get("error") or answer.json["playbook"]


@pytest.mark.parametrize("playbook", ["", ".", "./", "/", "/sub", "sub/dir"])
def test_terraform_takes_a_directory(api: Api, project: Project, playbook: str) -> None:
    assert make(api, project, "terraform", playbook) == (201, playbook)


@pytest.mark.parametrize("playbook", ["..", "/../x", "a/../../b", "-x"])
@pytest.mark.parametrize("tool", ["terraform", "bash"])
def test_nothing_leaves_the_repository(
    api: Api, project: Project, tool: str, playbook: str
) -> None:
    said = "playbook: Must be a path inside the repository: path/to/it"
    assert make(api, project, tool, playbook) == (400, said)


@pytest.mark.parametrize(
    ("playbook", "said"),
    [
        ("", "template playbook can not be empty"),
        (".", "playbook: Must name a file inside the repository, not its directory: path/to/it"),
        ("/sub", "playbook: Must be a path inside the repository: path/to/it"),
    ],
)
def test_a_script_is_a_file(api: Api, project: Project, playbook: str, said: str) -> None:
    assert make(api, project, "bash", playbook) == (400, said)

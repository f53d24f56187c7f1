"""Custom roles in a project's backup, ours and the original's."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


def restored(client: FlaskClient, backup: Any) -> int:
    answer = client.post("/api/projects/restore", json=backup)
    assert answer.status_code == 200, answer.text
    return answer.json["id"]


def last_event(client: FlaskClient, project_id: int) -> str:
    return client.get(f"/api/project/{project_id}/events").json[0]["description"]


def file(roles: list[dict], attached: list[dict]) -> dict[str, Any]:
    template = {"name": "T", "app": "bash", "playbook": "a.sh", "repository": "R"}
    return {
        "meta": {"name": "Again"},
        "keys": [{"name": "K", "type": "none"}],
        "repositories": [
            {"name": "R", "git_url": "/srv/r", "git_branch": "main", "ssh_key": "K"}
        ],
        "roles": roles,
        "templates": [template | {"roles": attached}],
    }  # fmt: skip


def test_roles_and_what_they_are_attached_to_come_back(api: Api, project: Project) -> None:
    template = factories.template(project)
    own = factories.role(project, "deployers", permissions=5)
    factories.attached(template, own, 1)
    factories.attached(template, factories.role(None, "operators"), 4)
    root = api("root")
    backup = root.get(f"/api/project/{project.id}/backup").json
    assert backup["roles"] == [{"name": "Deployers", "slug": "deployers", "permissions": 5}]
    assert backup["templates"][0]["roles"] == [
        {"role": "Deployers", "is_global": False, "slug": "deployers", "permissions": 1},
        {"role": "Operators", "is_global": True, "slug": "operators", "permissions": 4},
    ]
    again = restored(root, backup)
    assert root.get(f"/api/project/{again}/backup").json == backup
    assert root.get(f"/api/project/{again}/roles").json[0]["project_id"] == again


def test_what_a_role_cannot_give_here_is_named(api: Api, project: Project) -> None:
    """The original's file has no slugs, and lets a template give more than the role says."""
    root = api("root")
    factories.role(None, "deploy-web", permissions=1)
    attached = [
        {"role": "Deploy web", "is_global": False, "permissions": 5},
        {"role": "Elsewhere", "is_global": True, "permissions": 1},
    ]
    made = restored(root, file([{"name": "Deploy web", "permissions": 1}], attached))
    found = root.get(f"/api/project/{made}/roles").json
    assert [role["slug"] for role in found] == ["deploy-web-2"]
    template = root.get(f"/api/project/{made}/templates").json[0]["id"]
    perms = root.get(f"/api/project/{made}/templates/{template}/perms").json
    assert [(perm["role_slug"], perm["permissions"]) for perm in perms] == [("deploy-web-2", 1)]
    told = last_event(root, made)
    assert "1 roles of all projects" in told and "1 permissions at templates" in told


@pytest.mark.parametrize(
    ("roles", "attached", "word"),
    [
        ([{"name": "Owner"}], [], "roles[0].name: Role name is reserved"),
        ([{"name": "A"}, {"name": "A"}], [], "roles[1].name: “A” is there twice"),
        ([], [{"role": "A"}], "templates[0].roles: There is no “A” among the roles"),
        ([{"name": "A"}], [{"role": "A"}, {"role": "A"}], "templates[0].roles: “A” is there twice"),
        ([{"name": "A", "permissions": 16}], [], "roles[0].permissions"),
    ],
)
def test_a_wrong_role_refuses_the_file(
    api: Api, project: Project, roles: list[dict], attached: list[dict], word: str
) -> None:
    root = api("root")
    before = len(root.get("/api/projects").json)
    answer = root.post("/api/projects/restore", json=file(roles, attached))
    assert answer.status_code == 400 and word in answer.json["error"]
    assert len(root.get("/api/projects").json) == before

"""Custom roles over the API, and what templates give them."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project, User
from tests import factories

Api = Callable[[str], FlaskClient]

TEAM = {"slug": "release-team", "name": "Release team", "permissions": 1}


@pytest.fixture
def base(project: Project) -> str:
    return f"/api/project/{project.id}"


def test_a_role_of_all_projects_is_made_shown_changed_and_deleted(api: Api, base: str) -> None:
    root = api("root")
    made = root.post("/api/roles", json=TEAM)
    assert (made.status_code, made.json) == (201, TEAM)
    assert root.get("/api/roles").json == [TEAM]
    assert root.get("/api/roles/release-team").json == TEAM
    changed = {"name": "Releases", "permissions": 5}
    assert root.put("/api/roles/release-team", json=changed).status_code == 204
    assert root.get("/api/roles/release-team").json == TEAM | changed
    assert api("dave").get(f"{base}/roles/all").json == [TEAM | changed]
    assert api("dave").get(f"{base}/roles").json == []
    assert root.delete("/api/roles/release-team").status_code == 204
    assert root.get("/api/roles/release-team").status_code == 404


def test_a_role_of_a_project_is_its_own(api: Api, base: str, project: Project, cast) -> None:
    alice, other = api("alice"), factories.project("Second")
    factories.member(other, cast["alice"], "owner")
    made = alice.post(f"{base}/roles", json=TEAM)
    assert made.json == TEAM | {"project_id": project.id}
    assert alice.get(f"{base}/roles/all").json == [made.json]
    second = f"/api/project/{other.id}"
    assert alice.get(f"{second}/roles/all").json == []
    for method in ("get", "put", "delete"):
        given = {"json": TEAM} if method == "put" else {}
        assert getattr(alice, method)(f"{second}/roles/release-team", **given).status_code == 404
    assert alice.post(f"{second}/roles", json=TEAM).status_code == 201
    assert alice.delete(f"{base}/roles/release-team").status_code == 204
    assert len(alice.get(f"{second}/roles").json) == 1


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "Role name cannot be empty"),
        ({"name": "Team"}, "Role slug cannot be empty"),
        (TEAM | {"slug": "owner"}, "Role slug is reserved"),
        (TEAM | {"slug": "task_runner"}, "Role slug is reserved"),
        (TEAM | {"slug": "all"}, "Role slug is reserved"),
        (TEAM | {"slug": "Owner"}, "slug"),
        (TEAM | {"slug": "a b"}, "slug"),
        (TEAM | {"slug": "a" * 65}, "slug"),
        (TEAM | {"slug": "a/b"}, "slug"),
        (TEAM | {"name": "Task Runner"}, "Role name is reserved"),
        (TEAM | {"name": " OWNER "}, "Role name is reserved"),
        (TEAM | {"permissions": 16}, "permissions"),
        (TEAM | {"permissions": -1}, "permissions"),
        (TEAM | {"permissions": "1"}, "permissions"),
        (TEAM | {"project_id": 999}, "Project ID"),
    ],
)
def test_a_bad_role_is_refused(api: Api, base: str, body: dict, word: str) -> None:
    answer = api("alice").post(f"{base}/roles", json=body)
    assert answer.status_code == 400 and word in answer.json["error"]
    assert api("alice").get(f"{base}/roles").json == []


def test_a_slug_means_one_role_in_a_project(api: Api, base: str) -> None:
    root = api("root")
    assert root.post("/api/roles", json=TEAM).status_code == 201
    assert root.post("/api/roles", json=TEAM).status_code == 400
    assert root.post(f"{base}/roles", json=TEAM).status_code == 400
    own = TEAM | {"slug": "own"}
    assert root.post(f"{base}/roles", json=own).status_code == 201
    refused = root.post("/api/roles", json=own)
    assert refused.status_code == 400 and refused.json["error"].startswith("slug: There is a role")


def test_the_slug_stays(api: Api, base: str) -> None:
    alice = api("alice")
    alice.post(f"{base}/roles", json=TEAM)
    other = alice.put(f"{base}/roles/release-team", json=TEAM | {"slug": "other"})
    assert other.status_code == 400
    assert alice.put(f"{base}/roles/release-team", json=TEAM).status_code == 204


def test_a_role_is_attached_changed_and_detached(api: Api, base: str, project: Project) -> None:
    alice, template = api("alice"), factories.template(project)
    perms = f"{base}/templates/{template.id}/perms"
    factories.role(project, "deployers", permissions=5)
    made = alice.post(perms, json={"role_slug": "deployers", "permissions": 1})
    wanted = {
        "id": made.json["id"],
        "role_slug": "deployers",
        "template_id": template.id,
        "project_id": project.id,
        "permissions": 1,
    }
    assert (made.status_code, made.json) == (201, wanted)
    assert alice.get(perms).json == [wanted]
    own = f"{perms}/{made.json['id']}"
    assert alice.put(own, json={"permissions": 4}).status_code == 204
    assert alice.get(own).json == wanted | {"permissions": 4}
    again = alice.post(perms, json={"role_slug": "deployers"})
    assert again.status_code == 409
    assert alice.delete(own).status_code == 204
    assert alice.get(perms).json == []
    assert alice.post(perms, json={"role_slug": "deployers"}).json["permissions"] == 5


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "role_slug"),
        ({"role_slug": "nobody"}, "role_slug"),
        ({"role_slug": "guest"}, "role_slug"),
        ({"role_slug": "foreign"}, "role_slug"),
        ({"role_slug": "runners", "permissions": 4}, "permissions: The role Runners gives at most"),
        ({"role_slug": "runners", "permissions": 16}, "permissions"),
    ],
)
def test_a_bad_attachment_is_refused(
    api: Api, base: str, project: Project, body: dict, word: str
) -> None:
    template = factories.template(project)
    factories.role(project, "runners", permissions=1)
    factories.role(factories.project("Other"), "foreign")
    perms = f"{base}/templates/{template.id}/perms"
    answer = api("alice").post(perms, json=body)
    assert answer.status_code == 400 and word in answer.json["error"]
    assert api("alice").get(perms).json == []


def test_an_attachment_of_another_template_does_not_exist(
    api: Api, base: str, project: Project
) -> None:
    one, other = factories.template(project, "One"), factories.template(project, "Other")
    attached = factories.attached(other, factories.role(project, "deployers"))
    url = f"{base}/templates/{one.id}/perms/{attached.id}"
    assert api("alice").get(url).status_code == 404
    assert api("alice").put(url, json={"permissions": 1}).status_code == 404
    assert api("alice").delete(url).status_code == 404


def test_members_hold_custom_roles_beside_their_own(
    api: Api, base: str, project: Project, cast: dict[str, User]
) -> None:
    alice, dave = api("alice"), cast["dave"].id
    factories.role(project, "deployers")
    factories.role(None, "operators")
    given = {"role": "guest", "roles": ["deployers", "operators"]}
    assert alice.put(f"{base}/users/{dave}", json=given).status_code == 204
    assert shown(alice, base, dave)["roles"] == ["deployers", "operators"]
    assert alice.put(f"{base}/users/{dave}", json={"role": "task_runner"}).status_code == 204
    assert shown(alice, base, dave) | {"name": ""} == {
        "id": dave, "username": "dave", "name": "", "role": "task_runner",
        "roles": ["deployers", "operators"],
    }  # fmt: skip
    bad = alice.put(f"{base}/users/{dave}", json={"role": "owner", "roles": ["nobody"]})
    assert bad.status_code == 400 and bad.json["error"].startswith("roles")
    assert shown(alice, base, dave)["role"] == "task_runner"
    assert alice.put(f"{base}/users/{dave}", json=given | {"roles": []}).status_code == 204
    assert "roles" not in shown(alice, base, dave)


def shown(client: FlaskClient, base: str, user_id: int) -> dict:
    return next(one for one in client.get(f"{base}/users").json if one["id"] == user_id)


def test_a_member_is_added_with_a_custom_role(
    api: Api, base: str, project: Project, cast: dict[str, User]
) -> None:
    factories.role(project, "deployers")
    mallory = cast["mallory"].id
    body = {"user_id": mallory, "role": "guest", "roles": ["deployers"]}
    assert api("alice").post(f"{base}/users", json=body).status_code == 204
    assert shown(api("alice"), base, mallory)["roles"] == ["deployers"]


def test_a_role_in_use_is_not_deleted(
    api: Api, base: str, project: Project, cast: dict[str, User]
) -> None:
    role, alice = factories.role(project, "deployers"), api("alice")
    factories.holds(project, cast["dave"], role)
    refused = alice.delete(f"{base}/roles/deployers")
    assert (refused.status_code, refused.json["inUse"]) == (400, True)
    factories.holds(project, cast["dave"])
    attached = factories.attached(factories.template(project), role)
    assert alice.delete(f"{base}/roles/deployers").status_code == 400
    perms = f"{base}/templates/{attached.template_id}/perms/{attached.id}"
    assert alice.delete(perms).status_code == 204
    assert alice.delete(f"{base}/roles/deployers").status_code == 204


def test_what_has_or_holds_a_role_may_go(
    api: Api, base: str, project: Project, cast: dict[str, User]
) -> None:
    """A template, a member and a project take their part of it along."""
    role, alice = factories.role(project, "deployers"), api("alice")
    template = factories.template(project)
    factories.attached(template, role)
    factories.holds(project, cast["dave"], role)
    assert alice.delete(f"{base}/templates/{template.id}").status_code == 204
    assert alice.delete(f"{base}/users/{cast['dave'].id}").status_code == 204
    again = factories.template(project, "Again")
    factories.attached(again, role)
    factories.holds(project, cast["carol"], role)
    assert alice.delete(base).status_code == 204


def test_templates_say_what_a_custom_role_adds(
    api: Api, base: str, project: Project, cast: dict[str, User]
) -> None:
    mine, _ = factories.template(project, "A"), factories.template(project, "B")
    role = factories.role(project, "deployers", permissions=15)
    factories.attached(mine, role, 15)
    factories.holds(project, cast["dave"], role)
    first, second = api("dave").get(f"{base}/templates").json
    assert first["permissions"] == 5 and "permissions" not in second
    assert all("permissions" not in one for one in api("alice").get(f"{base}/templates").json)
    assert api("dave").get(f"{base}/role").json == {"role": "guest", "permissions": 0}

"""What every route of the API has in common."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Project

Api = Callable[[str], FlaskClient]


@pytest.fixture
def keys(project: Project) -> str:
    return f"/api/project/{project.id}/keys"


@pytest.mark.parametrize(
    "body", ["", "{", "null", "[]", '"x"', '{"name": NaN}', '{"a": 1} more', "\xff", "[" * 300]
)
def test_what_is_no_json_object_is_refused(api: Api, keys: str, body: str) -> None:
    answer = api("bob").post(keys, data=body)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("The body ")


def test_the_content_type_of_a_body_does_not_matter(api: Api, project: Project, keys: str) -> None:
    body = '{"name": "k", "type": "none", "project_id": %d}' % project.id  # noqa: UP031
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert api("bob").post(keys, data=body, content_type=content_type).status_code == 201


def test_every_answer_is_json_with_a_newline(api: Api, project: Project, keys: str) -> None:
    created = api("bob").post(keys, json={"name": "k", "type": "none", "project_id": project.id})
    listed = api("bob").get(keys)
    refused = api("bob").post(keys, json={})
    for answer in (created, listed, refused):
        assert answer.content_type == "application/json"
        assert answer.text.endswith("\n")
    gone = api("bob").delete(f"{keys}/{created.json['id']}")
    assert (gone.status_code, gone.content_type, gone.data) == (204, "application/json", b"")


@pytest.mark.parametrize("path", ["/api/user", "/api/projects", "/api/project/{}", "/api/users/{}"])
def test_a_trailing_slash_changes_nothing(api: Api, project: Project, cast, path: str) -> None:
    path = path.format(project.id if "project" in path else cast["alice"].id)
    for url in (path, path + "/"):
        assert api("alice").get(url).status_code == 200


def test_a_path_id_is_a_number(api: Api, keys: str) -> None:
    for given in ("abc", "1.5", "1e3", "٣", str(2**63)):
        answer = api("bob").get(f"{keys}/{given}")
        assert (answer.status_code, answer.content_type) == (400, "application/json")
    for given in ("0", "-1", str(2**63 - 1)):
        assert api("bob").get(f"{keys}/{given}").status_code == 404
    assert api("root").get("/api/project/abc").status_code == 400


def test_head_is_answered_like_get_and_options_like_nothing(api: Api, keys: str) -> None:
    assert api("bob").head(keys).status_code == 200
    for method in ("OPTIONS", "PATCH"):
        answer = api("bob").open(keys, method=method)
        assert (answer.status_code, answer.json) == (404, {"error": "Not found"})


def test_unset_names_are_left_out(api: Api, project: Project) -> None:
    answer = api("bob").post(
        f"/api/project/{project.id}/inventory",
        json={"project_id": project.id, "name": "i", "type": "static", "inventory": ""},
    )
    assert set(answer.json) == {"id", "name", "project_id", "inventory", "type"}


def test_times_are_in_utc(api: Api, project: Project) -> None:
    created = api("bob").get(f"/api/project/{project.id}").json["created"]
    assert created.endswith("Z") and created[10] == "T"


def test_lists_are_sorted_as_asked(api: Api, project: Project, keys: str) -> None:
    bob = api("bob")
    for name, kind in (("b", "none"), ("a", "login_password")):
        body = {"name": name, "type": kind, "project_id": project.id}
        bob.post(keys, json=body | {"login_password": {"password": "p"}})

    def names(query: str) -> list[str]:
        return [key["name"] for key in bob.get(keys + query).json]

    assert names("") == names("?sort=nosuch") == names("?sort=name&order=up") == ["a", "b"]
    assert names("?sort=name&order=desc") == ["b", "a"]
    assert names("?sort=type&order=desc") == ["b", "a"]

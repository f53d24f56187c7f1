from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/project/{project.id}/host_configs"


@pytest.fixture
def body(project: Project) -> dict[str, Any]:
    key = factories.access_key(project, "Deploy", type="ssh")
    given = {"type": "host", "host": "git.example.test", "ssh_key_id": key.id}
    return given | {"project_id": project.id}


def test_a_mapping_is_made_read_changed_and_deleted(api: Api, url: str, body: dict) -> None:
    bob = api("bob")
    made = bob.post(url, json=body | {"host": "  git.example.test\n"})
    assert (made.status_code, made.json) == (201, body | {"id": made.json["id"]})
    own = f"{url}/{made.json['id']}"
    assert api("carol").get(url).json == [made.json]
    assert api("carol").get(own).json == made.json
    assert bob.put(own, json=made.json).status_code == 204
    change = made.json | {"type": "url", "host": "https://git.example.test/team"}
    assert bob.put(own, json=change).status_code == 204
    assert bob.get(own).json == change
    assert bob.delete(own).status_code == 204
    assert bob.get(own).status_code == 404


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"host": ""}, "host or URL can not be empty"),
        ({"host": "  "}, "host or URL can not be empty"),
        ({"host": None}, "host or URL can not be empty"),
        ({"host": "a\n  ProxyCommand /bin/sh"}, "host must be a host name"),
        ({"host": "a;id"}, "host must be a host name"),
        ({"host": "-oProxyCommand=id"}, "host must be a host name"),
        ({"host": "*"}, "host must be a host name"),
        ({"host": "a%b"}, "host must be a host name"),
        ({"type": "url", "host": "ftp://x.test/a"}, "URL must start with http:// or https://"),
        ({"type": "url"}, "URL must be a git URL: https://git.example.com/team"),
        ({"type": "url", "host": "https://u:p@x.test/"}, "URL must not contain credentials"),
        ({"type": "url", "host": "https://x.test/?q=1"}, "URL has invalid characters"),
        ({"type": "url", "host": "https://x.test/\nb"}, "URL has invalid characters"),
        ({"type": "both"}, "type: Input should be 'host' or 'url'"),
        ({"type": None}, "type: Input should be 'host' or 'url'"),
        ({"ssh_key_id": 999}, "ssh_key_id: There is no key 999 in this project"),
        ({"ssh_key_id": None}, "ssh_key_id: Choose a key of this project"),
        ({"project_id": 999}, "Project ID in body and URL must be the same"),
    ],
)
def test_a_bad_mapping_is_refused_with_its_reason(
    api: Api, url: str, body: dict, change: dict, error: str
) -> None:
    answer = api("bob").post(url, json=body | change)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert api("bob").get(url).json == []


@pytest.mark.parametrize("host", ["10.0.0.1", "::1", "fe80::1", "web_1", "a.b-c.test"])
def test_hosts_have_names_and_addresses(api: Api, url: str, body: dict, host: str) -> None:
    assert api("bob").post(url, json=body | {"host": host}).status_code == 201


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"host": "GIT.example.test "}),
        (
            {"type": "url", "host": "https://x.test/team"},
            {"type": "url", "host": "https://x.test/team/"},
        ),
    ],
)
def test_a_host_is_mapped_once_also_by_a_change(
    api: Api, url: str, body: dict, first: dict, second: dict
) -> None:
    bob = api("bob")
    assert bob.post(url, json=body | first).status_code == 201
    answer = bob.post(url, json=body | second)
    assert answer.status_code == 400
    assert "There is a mapping of" in answer.json["error"]
    other = bob.post(url, json=body | {"host": "other.example.test"}).json
    assert bob.put(f"{url}/{other['id']}", json=other | second).status_code == 400
    assert len(bob.get(url).json) == 2


@pytest.mark.parametrize(
    ("kind", "change", "status"),
    [
        ("login_password", {}, 400),
        ("none", {}, 201),
        ("login_password", {"type": "url", "host": "https://x.test/"}, 201),
        ("login_password", {"type": "url", "host": "http://x.test/"}, 400),
        ("ssh", {"type": "url", "host": "http://x.test/"}, 201),
        ("none", {"type": "url", "host": "https://x.test/"}, 201),
    ],
)
def test_the_key_must_fit(
    api: Api, url: str, body: dict, project: Project, kind: str, change: dict, status: int
) -> None:
    key = factories.access_key(project, "Other", type=kind)
    answer = api("bob").post(url, json=body | change | {"ssh_key_id": key.id})
    assert answer.status_code == status, answer.text


def test_a_key_that_is_mapped_is_not_deleted(api: Api, url: str, body: dict) -> None:
    mapping = api("bob").post(url, json=body).json
    key = f"{url.removesuffix('host_configs')}keys/{body['ssh_key_id']}"
    answer = api("bob").delete(key)
    assert (answer.status_code, answer.json["inUse"]) == (400, True)
    refs = api("dave").get(f"{key}/refs").json
    assert refs["host_configs"] == [{"id": mapping["id"], "name": "git.example.test"}]


def test_a_foreign_key_is_refused(api: Api, url: str, body: dict) -> None:
    foreign = factories.access_key(factories.project("Other"), "Theirs", type="ssh")
    answer = api("bob").post(url, json=body | {"ssh_key_id": foreign.id})
    assert answer.status_code == 400
    assert "There is no key" in answer.json["error"]

"""GET /api/apps and what administrators do with apps."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.executors import KINDS
from app.lib.settings import SettingError
from app.models import Project
from app.services import apps
from tests import factories

Api = Callable[[str], FlaskClient]

RUBY = {
    "title": "Ruby", "icon": "boxes", "color": "#cc0000", "dark_color": "#ff8888",
    "active": True, "priority": 50, "path": "/opt/ruby/bin/ruby", "args": ["-w"],
}  # fmt: skip


def ids(client: FlaskClient) -> list[str]:
    return [app["id"] for app in client.get("/api/apps").json]


@pytest.fixture
def configured(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def configure(**given: str) -> None:
        changed = replace(app.config["HELIOGRAPH"], APPS=given)
        monkeypatch.setitem(app.config, "HELIOGRAPH", changed)

    return configure


def test_everybody_sees_what_is_built_in_by_priority(api: Api) -> None:
    found = api("dave").get("/api/apps").json
    assert [app["id"] for app in found] == [
        "ansible", "terraform", "terragrunt", "tofu", "bash", "powershell", "python",
    ]  # fmt: skip
    assert set(ids(api("dave"))) == set(KINDS)
    assert found[4] == {
        "id": "bash", "active": True, "priority": 700, "title": "", "icon": "", "color": "",
        "dark_color": "", "path": "", "args": [],
    }  # fmt: skip


@pytest.mark.parametrize("method", ["put", "post"])
def test_an_app_is_made_changed_and_deleted(api: Api, method: str) -> None:
    root = api("root")
    assert getattr(root, method)("/api/apps/ruby", json=RUBY).status_code == 204
    assert root.get("/api/apps/ruby").json == RUBY
    assert ids(root) == [
        "ansible", "terraform", "terragrunt", "tofu", "bash", "powershell", "python", "ruby",
    ]  # fmt: skip
    assert getattr(root, method)("/api/apps/ruby", json={"priority": 999}).status_code == 204
    assert root.get("/api/apps/ruby").json == {
        "title": "", "icon": "", "color": "", "dark_color": "", "active": False,
        "priority": 999, "path": "", "args": [],
    }  # fmt: skip
    assert ids(root)[1] == "ruby"
    for _ in range(2):
        assert root.delete("/api/apps/ruby").status_code == 204
    answer = root.get("/api/apps/ruby")
    assert (answer.status_code, answer.json) == (404, {"error": "app not found"})


def test_one_that_is_built_in_is_reset(api: Api) -> None:
    root = api("root")
    before = root.get("/api/apps/bash").json
    root.put("/api/apps/bash", json=before | {"title": "Shell", "priority": 1})
    assert ids(root)[-1] == "bash"
    assert root.delete("/api/apps/bash").status_code == 204
    assert root.get("/api/apps/bash").json == before


def test_the_activity_tells_who_has_changed_what(api: Api) -> None:
    client = api("root")
    client.post("/api/apps/ruby", json=RUBY)
    client.post("/api/apps/bash/active", json={"active": False})
    client.delete("/api/apps/bash")
    client.delete("/api/apps/ruby")
    told = [(event["username"], event["description"]) for event in client.get("/api/events").json]
    assert told[:4] == [
        ("root", "App ruby deleted"),
        ("root", "App bash put back to what it was at first"),
        ("root", "App bash updated"),
        ("root", "App ruby created"),
    ]


def test_it_is_switched_off_and_on(api: Api) -> None:
    root = api("root")
    root.put("/api/apps/ruby", json=RUBY)
    for active in (False, True):
        for app_id in ("ruby", "bash"):
            answer = root.post(f"/api/apps/{app_id}/active", json={"active": active})
            assert answer.status_code == 204
            assert root.get(f"/api/apps/{app_id}").json["active"] is active
    assert root.get("/api/apps/ruby").json == RUBY
    assert root.post("/api/apps/nosuch/active", json={"active": True}).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [({"title": 5}, "title"), ({"args": "-w"}, "args"), ({"color": "url(x)"}, "color"),
     ({"priority": -1}, "priority"), ({"title": "a\nb"}, "title"), ({"args": ["a\0"]}, "args")],
)  # fmt: skip
def test_a_wrong_value_is_named_and_changes_nothing(api: Api, change: dict, field: str) -> None:
    answer = api("root").put("/api/apps/ruby", json=RUBY | change)
    assert answer.status_code == 400
    assert answer.json["error"].startswith(field)
    assert "ruby" not in ids(api("root"))


@pytest.mark.parametrize("app_id", ["a.b", "a b", "é", "x" * 65, "$(id)"])
def test_an_id_is_plain(api: Api, app_id: str) -> None:
    answer = api("root").put(f"/api/apps/{app_id}", json=RUBY)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("id: ")


def test_one_that_templates_have_stays(api: Api, project: Project) -> None:
    root = api("root")
    root.put("/api/apps/ruby", json=RUBY)
    factories.template(project, app="ruby")
    answer = root.delete("/api/apps/ruby")
    assert (answer.status_code, answer.json["inUse"]) == (400, True)
    assert "ruby" in ids(root)


def test_templates_may_have_what_this_server_has_and_nothing_else(
    api: Api, project: Project
) -> None:
    repository = factories.repository(project)
    wanted = {"project_id": project.id, "name": "T", "app": "ruby", "playbook": "x.rb",
              "repository_id": repository.id}  # fmt: skip
    url = f"/api/project/{project.id}/templates"
    refused = api("alice").post(url, json=wanted)
    assert (refused.status_code, refused.json["error"]) == (400, "Invalid app id: ruby")
    api("root").put("/api/apps/ruby", json=RUBY)
    assert api("alice").post(url, json=wanted).status_code == 201


def test_the_settings_add_and_change_apps(api: Api, configured: Callable[..., None]) -> None:
    configured(ruby='{"path": "/opt/ruby", "priority": 750, "active": true}',
               bash='{"title": "Shell"}')  # fmt: skip
    assert ids(api("dave")) == [
        "ansible", "terraform", "terragrunt", "tofu", "ruby", "bash", "powershell", "python",
    ]  # fmt: skip
    bash = api("root").get("/api/apps/bash").json
    assert (bash["title"], bash["active"], bash["priority"]) == ("Shell", True, 700)
    api("root").put("/api/apps/ruby", json=RUBY)
    assert api("root").get("/api/apps/ruby").json == RUBY
    api("root").delete("/api/apps/ruby")
    assert api("root").get("/api/apps/ruby").json["path"] == "/opt/ruby"


@pytest.mark.parametrize(
    ("given", "why"),
    [({"ruby": "[]"}, "ruby: it"), ({"ruby": '{"priority": "x"}'}, "ruby: priority"),
     ({"a.b": "{}"}, "a.b: an id is"), ({"ruby": "not JSON"}, "ruby: it")],
)  # fmt: skip
def test_a_wrong_setting_is_named(
    app: Flask, configured: Callable[..., None], given: dict, why: str
) -> None:
    configured(**given)
    with pytest.raises(SettingError, match=f"SEMAPHORE_APPS: {why}"):
        apps.configured(app.config["HELIOGRAPH"])


def test_options_keep_away_from_apps(api: Api) -> None:
    answer = api("root").post("/api/options", json={"key": "apps.bash", "value": "x"})
    assert answer.status_code == 400
    assert api("root").get("/api/apps").status_code == 200

"""GET /api/project/<id>/backup and POST /api/projects/restore."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import db, transaction
from app.models import Event, Project, Task
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys
from tests import factories

Api = Callable[[str], FlaskClient]
Json = Any

WEBSHOP = Path(__file__).parents[1] / "golden" / "webshop-backup.json"  # of a real 2.10 server
TWO_KEYS = (factories.PUBLIC_KEY, factories.PUBLIC_KEY[:-2] + "AA")
SECRET = "s3cr3t-in-the-database"


def post(client: FlaskClient, url: str, **body: Json) -> int:
    answer = client.post(url, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


def keys_of(client: FlaskClient, project: Project) -> tuple[int, int]:
    """Two logins of one name and a private key; the ids of a login and of the private key."""
    url = f"/api/project/{project.id}/keys"
    password = {"login": "deploy", "password": SECRET}
    given = {"name": "Login", "type": "login_password", "login_password": password}
    login, _ = (post(client, url, project_id=project.id, **given) for _ in range(2))
    with transaction():
        ssh = AccessKeyIn(name="SSH", type="ssh", ssh={"private_key": factories.private_key()})
        return login, access_keys.create(project, ssh, actor=None).id


@pytest.fixture
def full(api: Api, project: Project) -> Project:
    """A project with one of everything, and two of a name."""
    bob, url, mine = api("bob"), f"/api/project/{project.id}", {"project_id": project.id}
    change = {"id": project.id, "name": "Shop", "alert": True, "alert_chat": "-1", "type": "x",
              "max_parallel_tasks": 2, "max_duration": 60}  # fmt: skip
    assert api("alice").put(url, json=change).status_code == 204
    login, ssh_id = keys_of(bob, project)
    view = post(bob, f"{url}/views", **mine, title="Deploy", position=3, hidden=True)
    groups = [
        post(bob, f"{url}/environment", **mine, name=name, json='{"a": 1}', env='{"B": "2"}',
             password="old", secrets=[{"name": "TOKEN", "secret": SECRET, "type": kind,
                                       "operation": "create"} for kind in ("var", "env")])
        for name in ("First", "Second")
    ]  # fmt: skip
    repository = post(bob, f"{url}/repositories", **mine, name="App", git_branch="main",
                      git_url="https://git.example.test/app.git", ssh_key_id=login)  # fmt: skip
    hosts = post(bob, f"{url}/inventory", **mine, name="Hosts", type="file", inventory="hosts.ini",
                 ssh_key_id=ssh_id, become_key_id=login, repository_id=repository)  # fmt: skip
    mapping = {"type": "host", "host": "git.example.test", "ssh_key_id": ssh_id}
    post(bob, f"{url}/host_configs", **mine, **mapping)
    playbook = post(
        bob, f"{url}/templates", **mine, name="Site", app="ansible", playbook="site.yml",
        repository_id=repository, inventory_id=hosts, environment_ids=groups, view_id=view,
        arguments='["--diff"]', description="Says\nhello", git_branch="next",
        survey_vars=[{"name": "v", "title": "V", "type": "enum", "required": True,
                      "values": [{"name": "One", "value": "1"}], "default_value": "1"}],
        vaults=[{"name": "prod", "type": "password", "vault_key_id": login},
                {"type": "script", "script": "vault.sh"}],
        task_params={"limit": ["web"], "allow_override_limit": True}, max_duration=90,
        allow_override_args_in_task=True, suppress_success_alerts=True, rerun_if_lost=True,
    )  # fmt: skip
    factories.host_key(project, "git.example.test", port=2222)
    held = {"name": "ws", "type": "terraform-workspace", "inventory": "default"}
    post(bob, f"{url}/inventory", **mine, **held, template_id=playbook)
    site = factories.template(project, "Site")
    factories.task(site)
    factories.alias(project, factories.integration(site), "abcdefghijklmno1")
    return project


def restored(client: FlaskClient, backup: Json) -> int:
    answer = client.post("/api/projects/restore", json=backup)
    assert answer.status_code == 200, answer.text
    return answer.json["id"]


def test_a_restored_project_has_the_same_backup(api: Api, full: Project) -> None:
    backup = api("bob").get(f"/api/project/{full.id}/backup").json
    again = restored(api("root"), backup)
    assert again != full.id
    found = api("root").get(f"/api/project/{again}/backup").json
    (address,) = found["integrations"][0].pop("aliases")
    assert [address] != backup["integrations"][0].pop("aliases")
    assert found == backup
    assert api("root").get(f"/api/project/{again}/users").json[0]["role"] == "owner"


def test_nothing_of_it_is_missing(api: Api, full: Project) -> None:
    backup = api("bob").get(f"/api/project/{full.id}/backup").json
    assert {name: len(entries) for name, entries in backup.items() if name != "meta"} == {
        "keys": 4, "views": 1, "environments": 2, "repositories": 2, "inventories": 2,
        "host_configs": 1, "known_hosts": 1, "templates": 2, "integrations": 1,
        "integration_aliases": 0, "roles": 0, "schedules": 0,
    }  # fmt: skip
    assert backup["meta"] == {"name": "Shop", "alert": True, "alert_chat": "-1", "type": "x",
                              "max_parallel_tasks": 2, "max_duration": 60}  # fmt: skip
    assert [key["name"] for key in backup["keys"]] == ["Login", "Login - 2", "None", "SSH"]
    site = backup["templates"][0]
    assert site["environments"] == ["First", "Second"] and site["environment"] == "First"
    assert site["vaults"] == [
        {"name": "prod", "type": "password", "vault_key": "Login"},
        {"type": "script", "script": "vault.sh"},
    ]
    assert site["task_params"] == {"limit": ["web"], "allow_override_limit": True}
    assert backup["templates"][1]["name"] == "Site - 2"
    assert backup["inventories"][1]["template"] == "Site"


def test_no_secret_is_in_it(api: Api, full: Project) -> None:
    text = api("bob").get(f"/api/project/{full.id}/backup").text
    assert SECRET not in text and "PRIVATE KEY" not in text and "$" not in text


def test_what_is_secret_comes_back_empty(api: Api, full: Project) -> None:
    root = api("root")
    again = restored(root, root.get(f"/api/project/{full.id}/backup").json)
    keys = root.get(f"/api/project/{again}/keys").json
    assert [(key["name"], key.get("empty")) for key in keys] == [
        ("Login", True), ("Login - 2", True), ("None", True), ("SSH", True),
    ]  # fmt: skip
    group = root.get(f"/api/project/{again}/environment").json[0]
    names = root.get(f"/api/project/{again}/environment/{group['id']}").json["secrets"]
    assert [(secret["name"], secret["type"]) for secret in names] == [
        ("TOKEN", "var"), ("TOKEN", "env"),
    ]  # fmt: skip


def test_the_file_of_a_real_server_comes_back(api: Api, project: Project) -> None:
    original = json.loads(WEBSHOP.read_text())
    again = restored(api("root"), original)
    backup = api("root").get(f"/api/project/{again}/backup").json
    for kind in ("keys", "views", "environments", "repositories", "inventories", "templates"):
        name = "title" if kind == "views" else "name"
        found = {entry[name]: entry for entry in backup[kind]}
        assert found.keys() == {entry[name] for entry in original[kind]}
        for entry in original[kind]:
            lost = {k: v for k, v in entry.items() if found[entry[name]].get(k) != v}
            assert lost == {}, entry[name]
    assert original["meta"].items() <= backup["meta"].items()
    (event,) = db.session.scalars(
        select(Event).where(Event.project_id == again, Event.description.contains("restored"))
    )
    assert event.description == "Project Webshop restored from a file"


def test_what_cannot_be_kept_is_named(api: Api, project: Project) -> None:
    file = minimal(workflows=[{"name": "W"}], runners=[{"name": "A"}, {"name": "B"}])
    events = api("root").get(f"/api/project/{restored(api('root'), file)}/events").json
    assert events[0]["description"] == (
        "Project M restored from a file without 1 workflows, 2 runners, "
        "which this version cannot keep"
    )


def test_what_this_server_does_not_know_is_kept_but_does_not_run(
    api: Api, project: Project
) -> None:
    backup = json.loads(WEBSHOP.read_text())
    next(one for one in backup["templates"] if one["name"] == "Hello")["app"] = "pulumi"
    again = restored(api("root"), backup)
    body = {"template_name": "Hello"}
    answer = api("root").post(f"/api/project/{again}/tasks", json=body)
    why = "template_id: This server has no app pulumi"
    assert (answer.status_code, answer.json["error"]) == (400, why)
    assert db.session.scalar(select(func.count(Task.id)).where(Task.project_id == again)) == 0


def minimal(**more: Json) -> Json:
    return {
        "meta": {"name": "M"},
        "keys": [{"name": "K", "type": "none"}],
        "repositories": [
            {"name": "R", "git_url": "https://x.test/a", "git_branch": "main", "ssh_key": "K"}
        ],
        "templates": [{"name": "T", "app": "bash", "playbook": "a.sh", "repository": "R"}],
    } | more


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keys": [{"name": "K", "type": "none"}] * 2}, "keys[1].name: “K” is there twice"),
        ({"keys": [{"name": "K", "type": "gpg"}]}, "keys[0].type: Must be one of"),
        ({"keys": {"name": "K"}}, "keys: "),
        ({"keys": [{"name": 5, "type": "none"}]}, "keys[0].name: "),
        ({"keys": []}, "repositories[0].ssh_key: There is no “K” among the keys of this file"),
        ({"repositories": []}, "templates[0].repository: There is no “R”"),
        ({"templates": [{"name": " ", "app": "bash", "playbook": "a", "repository": "R"}]},
         "templates[0].name: template name can not be empty"),
        ({"templates": [{"name": "T", "app": "bash", "playbook": "../a", "repository": "R"}]},
         "templates[0].playbook: "),
        ({"templates": [{"name": "T", "app": "bash", "playbook": "a", "repository": "R",
                         "build_template": "B"}]}, "templates[0].build_template: There is no “B”"),
        ({"templates": [{"name": "T", "app": "ansible", "playbook": "a", "repository": "R",
                         "vaults": [{"vault_key": "V"}]}]}, "templates[0].vaults: There is no “V”"),
        ({"templates": [{"name": "T", "app": "ansible", "playbook": "a", "repository": "R",
                         "vaults": [{"script": "v"}, {"name": "default", "script": "v"}]}]},
         "templates[0].vaults: The name default is there twice"),
        ({"templates": [{"name": "T", "app": "bash", "playbook": "a"}]},
         "templates[0].repository: "),
        ({"views": [{"position": 1}]}, "views[0].title: title can not be empty"),
        ({"environments": [{"name": "E", "json": "[]"}]}, "environments[0].json: "),
        ({"inventories": [{"name": "I", "type": "dynamic"}]}, "inventories[0].type: "),
        ({"host_configs": [{"type": "host", "host": "a b", "ssh_key": "K"}]},
         "host_configs[0].host: "),
        ({"known_hosts": ["web1 ssh-dss AAAA"]}, "known_hosts[0]: Line 1: 'ssh-dss' is none of"),
        ({"known_hosts": [5]}, "known_hosts[0]: "),
        ({"known_hosts": [f"web1 ssh-ed25519 {key}" for key in TWO_KEYS]},
         "known_hosts: web1 is known by another key"),
        ({"repositories": [{"name": "R", "git_url": "/etc", "git_branch": "", "ssh_key": "K"}]},
         "repositories[0].git_url: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_path_and_nothing_is_stored(
    app, api: Api, change: Json, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.config["HELIOGRAPH"]
    monkeypatch.setitem(
        app.config, "HELIOGRAPH", type(settings)(**{**vars(settings), "LOCAL_REPOSITORIES": []})
    )
    before = db.session.scalar(select(func.count(Project.id)))
    answer = api("root").post("/api/projects/restore", json=minimal(**change))
    assert answer.status_code == 400
    assert answer.json["error"].startswith(message)
    assert db.session.scalar(select(func.count(Project.id))) == before


def test_what_is_old_or_missing_is_read_all_the_same(api: Api, project: Project) -> None:
    old = minimal(
        templates=[{"name": "T", "app": "ansible", "playbook": "a.yml", "repository": "R",
                    "vault_key": "V", "survey_vars": "", "environment": "E", "inventory": None}],
        keys=[{"name": "K", "type": "none"}, {"name": "V", "type": "login_password"}],
        environments=[{"name": "E", "password": None, "json": "{}", "env": None}],
        views=[{"name": "Old", "position": 0}], something_new=[1],
    )  # fmt: skip
    again = restored(api("root"), old)
    backup = api("root").get(f"/api/project/{again}/backup").json
    assert backup["templates"][0]["vaults"] == [{"type": "password", "vault_key": "V"}]
    assert backup["templates"][0]["environments"] == ["E"]
    assert backup["views"][0]["title"] == "Old"
    nameless = restored(api("root"), {})
    assert api("root").get(f"/api/project/{nameless}").json["name"] == ""


@pytest.mark.parametrize("text", ["", "[", "[]", "5", '{"meta": ' * 300, '{"keys": NaN}'])
def test_what_is_no_file_is_refused(api: Api, text: str) -> None:
    answer = api("root").post("/api/projects/restore", data=text)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("The file")


def test_lists_have_an_end(api: Api) -> None:
    keys = [{"name": f"K{n}", "type": "none"} for n in range(10_001)]
    answer = api("root").post("/api/projects/restore", json={"keys": keys})
    assert answer.status_code == 400
    assert answer.json["error"].startswith("keys: List should have at most 10000 items")


def test_of_thousands_of_mistakes_the_first_are_told(api: Api) -> None:
    keys = [{"name": "", "type": "none"}] * 10_000
    answer = api("root").post("/api/projects/restore", json={"keys": keys})
    assert answer.status_code == 400
    assert answer.json["error"].startswith("keys[0].name: A name is needed; keys[1].name: ")
    assert answer.json["error"].endswith("keys[19].name: A name is needed; and 9980 more")


def test_what_a_task_made_of_known_hosts_does_not_spoil_a_backup(
    api: Api, project: Project
) -> None:
    factories.host_key(project, "good.example.test")
    factories.host_key(project, "good.example.test", type="ssh-dss")
    factories.host_key(project, "GOOD.example.test", key=TWO_KEYS[1])
    factories.host_key(project, "a,b")
    factories.host_key(project, "x\ny", key="no key")
    backup = api("bob").get(f"/api/project/{project.id}/backup").json
    assert backup["known_hosts"] == [f"good.example.test ssh-ed25519 {factories.PUBLIC_KEY}"]
    again = restored(api("root"), backup)
    assert api("root").get(f"/api/project/{again}/backup").json == backup

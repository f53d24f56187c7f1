"""Schedules in a project's backup: of older servers, and all of ours."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]
WEBSHOP = Path(__file__).parents[1] / "golden" / "webshop-backup.json"  # of a real 2.10 server


def restored(client: FlaskClient, backup: dict[str, Any]) -> int:
    answer = client.post("/api/projects/restore", json=backup)
    assert answer.status_code == 200, answer.text
    return answer.json["id"]


def test_lines_of_older_servers_are_schedules_that_are_off(api: Api, project: Project) -> None:
    again = restored(api("root"), json.loads(WEBSHOP.read_text()))
    found = api("root").get(f"/api/project/{again}/schedules").json
    crons = {
        entry["name"]: entry.get("cron") for entry in json.loads(WEBSHOP.read_text())["templates"]
    }
    assert {one["tpl_name"]: one["cron_format"] for one in found} == {
        name: cron for name, cron in crons.items() if cron
    }
    assert [one["active"] for one in found] == [False] * 3
    assert not any(one.get("repository_id") for one in found)


def test_schedules_come_back_as_they_were(api: Api, project: Project) -> None:
    inventory = factories.inventory(project)
    template = factories.template(
        project, "T", app="ansible", playbook="site.yml", inventory_id=inventory.id,
        task_params={"allow_override_inventory": True},
    )  # fmt: skip
    factories.schedule(
        template, "Nightly", active=True, timezone="Europe/Prague", missed="once",
        task_params={"message": "m", "inventory_id": inventory.id},
    )  # fmt: skip
    factories.schedule(template, "Watch", repository_id=template.repository_id)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    factories.schedule(
        template, "Once", type="run_at", cron_format="", run_at=past, delete_after_run=True
    )
    backup = api("alice").get(f"/api/project/{project.id}/backup").json
    assert backup["templates"][0]["cron"] == "0 2 * * *"
    assert backup["schedules"][0] == {
        "name": "Nightly", "template": "T", "type": "", "cron_format": "0 2 * * *", "active": True,
        "timezone": "Europe/Prague", "missed": "once", "delete_after_run": False,
        "inventory": "Hosts", "task_params": {"message": "m"},
    }  # fmt: skip
    again = restored(api("root"), backup)
    assert api("root").get(f"/api/project/{again}/backup").json["schedules"] == backup["schedules"]
    nightly, watch, once = api("root").get(f"/api/project/{again}/schedules").json
    assert nightly["next_at"] and nightly["task_params"]["inventory_id"] != inventory.id
    assert watch["repository_id"] and watch["repository_id"] != template.repository_id
    assert datetime.fromisoformat(once["run_at"]) == past and "next_at" not in once


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"template": "Nope"}, "schedules[0].template: There is no “Nope”"),
        ({"template": ""}, "schedules[0].template: A name is needed"),
        ({"cron_format": "soon"}, "expected exactly 5 fields, found 1: [soon]"),
        ({"checkable_repository": "Nope"}, "schedules[0].checkable_repository: There is no"),
        ({"inventory": "Nope"}, "schedules[0].inventory: There is no"),
        ({"task_params": {"inventory_id": 1}}, "schedules[0].task_params: inventory_id: A file"),
    ],
)
def test_a_schedule_that_refers_to_nothing_is_refused(
    api: Api, project: Project, entry: dict, said: str
) -> None:
    factories.schedule(factories.template(project, "T"))
    backup = api("alice").get(f"/api/project/{project.id}/backup").json
    backup["schedules"][0] |= entry
    answer = api("root").post("/api/projects/restore", json=backup)
    assert answer.status_code == 400
    assert said in answer.json["error"]

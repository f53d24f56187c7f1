"""Schedules as clients know them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Project, Schedule, TaskTemplate
from tests import factories

Api = Callable[[str], FlaskClient]
USUAL = {"type": "", "delete_after_run": False, "timezone": "", "missed": "skip"}
FAR = "Must be in a year from 1000 to 9998"


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project)


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/project/{project.id}/schedules"


def test_one_is_made_as_clients_know_it(api: Api, template: TaskTemplate, url: str) -> None:
    sent = {"name": "nightly", "project_id": template.project_id, "template_id": template.id}
    sent |= {"cron_format": "15 3 * * *", "active": True}
    answer = api("bob").post(url, json=sent)
    assert answer.status_code == 201
    made = answer.json
    assert made["next_at"].endswith("T03:15:00Z")
    assert made == sent | USUAL | {"id": made["id"], "next_at": made["next_at"]}
    assert api("dave").get(f"{url}/{made['id']}").json == made


def test_lists_name_the_template(api: Api, template: TaskTemplate, url: str) -> None:
    other = factories.template(db.session.get_one(Project, template.project_id), "Other")
    mine = factories.schedule(template)
    factories.schedule(other)
    assert [s["tpl_name"] for s in api("dave").get(url).json] == ["Hello", "Other"]
    of_one = url.replace("/schedules", f"/templates/{template.id}/schedules")
    assert [s["id"] for s in api("dave").get(of_one).json] == [mine.id]


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("* * * *", "Cron: expected exactly 5 fields, found 4: [* * * *]"),
        ("61 * * * *", "Cron: end of range (61) above maximum (59): 61"),
        ("", "Cron: empty spec string"),
        ("0 0 1 1 7", "Cron: end of range (7) above maximum (6): 7"),
    ],
)
def test_refusals_have_the_words_of_the_original(
    api: Api, template: TaskTemplate, url: str, cron: str, said: str
) -> None:
    sent = {"name": "c", "template_id": template.id, "cron_format": cron}
    for path in (url, f"{url}/validate"):
        answer = api("bob").post(path, json=sent)
        assert (answer.status_code, answer.json) == (400, {"error": said})
    made = factories.schedule(template)
    sent |= {"id": made.id, "project_id": template.project_id}
    answer = api("bob").put(f"{url}/{made.id}", json=sent)
    assert (answer.status_code, answer.json) == (400, {"error": said})


@pytest.mark.parametrize(
    "sent",
    [{"template_id": 9999}, {}, {"template_id": "x"}, {"cron_format": 5}, {"project_id": 99}],
)
def test_what_refers_to_nothing_is_refused(
    api: Api, template: TaskTemplate, url: str, sent: dict
) -> None:
    given = {"name": "x", "cron_format": "0 0 * * *"} | sent
    assert api("bob").post(url, json=given).status_code == 400
    assert db.session.query(Schedule).count() == 0


def test_validate_stores_nothing(api: Api, template: TaskTemplate, url: str) -> None:
    answer = api("bob").post(f"{url}/validate", json={"cron_format": "@every 1h"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert api("bob").post(f"{url}/validate").status_code == 400
    assert db.session.query(Schedule).count() == 0


def test_a_put_names_the_schedule_and_its_project(
    api: Api, template: TaskTemplate, url: str
) -> None:
    made = factories.schedule(template, active=True)
    right = {"id": made.id, "project_id": template.project_id, "template_id": template.id}
    right |= {"name": "nightly 2", "cron_format": "20 4 * * *"}
    for wrong, said in (
        ({"id": 9999}, "schedule id in URL and in body must be the same"),
        ({"id": None}, "schedule id in URL and in body must be the same"),
        ({"project_id": 9999}, "You can not move schedule to other project"),
    ):
        answer = api("bob").put(f"{url}/{made.id}", json=right | wrong)
        assert (answer.status_code, answer.json) == (400, {"error": said})
    assert api("bob").put(f"{url}/{made.id}", json=right).status_code == 204
    db.session.refresh(made)
    assert (made.name, made.active, made.next_at) == ("nightly 2", False, None)


def test_what_was_got_can_be_put(api: Api, template: TaskTemplate, url: str) -> None:
    at = datetime.now(UTC) + timedelta(days=1)
    sent = {"name": "once", "template_id": template.id, "type": "run_at", "active": True}
    sent |= {"run_at": at.isoformat(), "delete_after_run": True, "task_params": {"message": "m"}}
    made = api("bob").post(url, json=sent).json
    assert made["task_params"] == {"message": "m"}
    assert datetime.fromisoformat(made["run_at"]) == at
    assert made["next_at"] == made["run_at"]
    assert api("bob").put(f"{url}/{made['id']}", json=made).status_code == 204
    assert api("bob").get(f"{url}/{made['id']}").json == made


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "run_at must be provided"),
        ({"run_at": "soon"}, "run_at: Must be a time such as 2026-11-23T09:47:31Z"),
        ({"run_at": "2020-01-01T00:00:00Z"}, "run_at must be in the future"),
        ({"run_at": "0001-01-01T00:00:00+01:00"}, f"run_at: {FAR}"),
        ({"run_at": "9999-12-31T23:59:59-01:00"}, f"run_at: {FAR}"),
        ({"type": "sometimes"}, "invalid schedule type"),
    ],
)
def test_one_time(api: Api, template: TaskTemplate, url: str, sent: dict, said: str) -> None:
    given = {"template_id": template.id, "type": "run_at"} | sent
    answer = api("bob").post(url, json=given)
    assert (answer.status_code, answer.json) == (400, {"error": said})


def test_parameters_are_refused_by_name(api: Api, template: TaskTemplate, url: str) -> None:
    given = {"template_id": template.id, "cron_format": "@daily"}
    given |= {"task_params": {"git_branch": "v2"}}
    answer = api("bob").post(url, json=given)
    assert answer.status_code == 400
    said = "task_params.git_branch: This template does not allow to change it"
    assert answer.json["error"] == said


@pytest.mark.parametrize(("sent", "active"), [({"active": True}, True), ({}, False)])
def test_the_switch(api: Api, template: TaskTemplate, url: str, sent: dict, active: bool) -> None:
    made = factories.schedule(template, active=not active)
    assert api("bob").put(f"{url}/{made.id}/active", json=sent).status_code == 204
    shown = api("bob").get(f"{url}/{made.id}").json
    assert (shown["active"], "next_at" in shown) == (active, active)
    assert api("bob").put(f"{url}/{made.id}/active", json={"active": "yes"}).status_code == 400


def test_deleting_twice(api: Api, template: TaskTemplate, url: str) -> None:
    path = f"{url}/{factories.schedule(template).id}"
    assert api("bob").delete(path).status_code == 204
    assert api("bob").delete(path).status_code == 404


def test_a_run_names_its_schedule(api: Api, template: TaskTemplate, url: str) -> None:
    made = factories.schedule(template)
    run = factories.task(template, schedule_id=made.id)
    shown = api("dave").get(url.replace("schedules", f"tasks/{run.id}")).json
    assert shown["schedule_id"] == made.id


def test_a_schedule_looks_for_drift_of_what_is_applied_otherwise(api: Api, project, url) -> None:
    infra = factories.template(project, app="terraform", task_params={"auto_approve": True})
    sent = {"template_id": infra.id, "cron_format": "@daily", "active": True}
    asked = {"params": {"drift_check": True}}
    made = api("bob").post(url, json=sent | {"task_params": asked})
    assert made.status_code == 201 and made.json["task_params"] == asked
    db.session.get_one(TaskTemplate, infra.id).task_params = {"hide_plan": True}
    db.session.commit()
    refused = api("bob").post(url, json=sent | {"task_params": asked})
    assert refused.status_code == 400 and "drift_check" in refused.json["error"]

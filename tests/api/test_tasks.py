from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.db import transaction
from app.executors.saved_plan import SavedPlan
from app.lib.plan_changes import PlanChanges
from app.models import Project, TaskTemplate
from app.services import task_plans
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project, allow_override_args_in_task=True)


@pytest.fixture
def tasks(project: Project) -> str:
    return f"/api/project/{project.id}/tasks"


def test_a_task_is_started_and_waits(api: Api, tasks: str, template: TaskTemplate) -> None:
    body = {"template_id": template.id, "message": "first", "arguments": '["--one"]'}
    made = api("carol").post(tasks, json=body)
    assert made.status_code == 201
    assert {name: made.json[name] for name in body} == body
    assert (made.json["status"], made.json["start"], made.json["end"]) == ("waiting", None, None)
    shown = api("dave").get(f"{tasks}/{made.json['id']}").json
    assert (shown["tpl_alias"], shown["tpl_app"], shown["user_name"]) == ("Hello", "bash", "Carol")
    assert shown["waiting_reason"] == "No worker is online"


def test_what_is_unset_is_null_where_clients_look_for_it_and_else_left_out(
    api: Api, tasks: str, template: TaskTemplate
) -> None:
    made = api("carol").post(tasks, json={"template_id": template.id}).json
    assert {name for name, value in made.items() if value is None} == {
        "integration_id", "schedule_id", "start", "end", "commit_hash", "build_task_id", "version",
    }  # fmt: skip
    assert not {"arguments", "git_branch", "inventory_id", "reason"} & set(made)


def test_what_old_clients_send_beside_params_they_read_there(
    api: Api, tasks: str, project: Project
) -> None:
    opened = {"allow_override_limit": True}
    template = factories.template(project, app="ansible", playbook="site.yml", task_params=opened)
    body = {"template_id": template.id, "dry_run": True, "diff": True, "limit": "web,db"}
    made = api("carol").post(tasks, json=body).json
    assert {name: made[name] for name in body} == body
    assert made["params"] == {"dry_run": True, "diff": True, "limit": ["web", "db"]}
    shown = api("dave").get(f"{tasks}/{made['id']}").json
    assert (shown["dry_run"], shown["debug"], shown["limit"]) == (True, False, "web,db")
    again = {name: shown[name] for name in ("template_id", "params", *body)}
    assert api("carol").post(tasks, json=again).status_code == 201


def test_a_task_may_have_a_time_limit_of_its_own(
    api: Api, tasks: str, template: TaskTemplate
) -> None:
    made = api("carol").post(tasks, json={"template_id": template.id, "max_duration": 90})
    assert (made.status_code, made.json["max_duration"]) == (201, 90)
    (listed,) = api("dave").get(tasks).json
    assert listed["max_duration"] == 90
    none = api("carol").post(tasks, json={"template_id": template.id, "max_duration": 0})
    assert none.status_code == 201 and "max_duration" not in none.json


@pytest.mark.parametrize("limit", [-1, 2**31, "soon", 1.5, [1]])
def test_a_time_limit_that_is_none_is_refused_by_name(
    api: Api, tasks: str, template: TaskTemplate, limit: object
) -> None:
    body = {"template_id": template.id, "max_duration": limit}
    refused = api("carol").post(tasks, json=body)
    assert refused.status_code == 400 and refused.json["error"].startswith("max_duration: ")


def test_empty_defaults_of_clients_ask_for_nothing(
    api: Api, tasks: str, template: TaskTemplate
) -> None:
    body = {
        "template_id": template.id, "template_name": "Other", "debug": False, "dry_run": False,
        "diff": False, "playbook": "", "environment": "{}", "limit": "", "git_branch": "",
        "message": "", "arguments": "[]", "inventory_id": 0, "params": {"limit": [""]},
    }  # fmt: skip
    assert api("carol").post(tasks, json=body).status_code == 201


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"template_id": None}, "template_id"),
        ({"template_id": 999}, "template_id"),
        ({"template_id": "1"}, "template_id"),
        ({"template_id": -(10**30)}, "template_id"),
        ({"environment": "{"}, "environment"),
        ({"environment": "[1]"}, "environment"),
        ({"environment": {}}, "environment"),
        ({"environment": '{"who": "me"}'}, "environment.who"),
        ({"git_branch": "dev"}, "git_branch"),
        ({"limit": "web"}, "limit"),
        ({"host_limit": "web"}, "host_limit"),
        ({"params": {"debug": True}}, "params.debug"),
    ],
)
def test_what_would_be_dropped_is_refused_by_name(
    api: Api, tasks: str, template: TaskTemplate, change: dict, word: str
) -> None:
    answer = api("carol").post(tasks, json={"template_id": template.id} | change)
    assert answer.status_code == 400 and word in answer.json["error"]
    assert api("carol").get(tasks).json == []


def test_a_template_of_another_project_is_unknown(api: Api, tasks: str) -> None:
    other = factories.template(factories.project("Other"))
    assert api("carol").post(tasks, json={"template_id": other.id}).status_code == 400


@pytest.mark.parametrize("body", ["", "{}", '{"force": false}', '{"force": null}'])
def test_a_waiting_task_is_stopped_at_once(
    api: Api, tasks: str, template: TaskTemplate, body: str
) -> None:
    url = f"{tasks}/{factories.task(template).id}"
    assert api("carol").post(f"{url}/stop", data=body).status_code == 204
    stopped = api("dave").get(url).json
    assert stopped["status"] == "stopped" and stopped["end"]


def test_a_running_task_is_told_to_stop(api: Api, tasks: str, template: TaskTemplate) -> None:
    url = f"{tasks}/{factories.task(template, status='running').id}"
    assert api("carol").post(f"{url}/stop", json={"force": True}).status_code == 204
    assert api("dave").get(url).json["status"] == "stopping"


def test_stopping_what_has_finished_changes_nothing(
    api: Api, tasks: str, template: TaskTemplate
) -> None:
    url = f"{tasks}/{factories.task(template, status='success').id}"
    assert api("carol").post(f"{url}/stop", json={}).status_code == 204
    assert api("dave").get(url).json["status"] == "success"


@pytest.mark.parametrize("body", ["{", '{"force": "yes"}', "[]"])
def test_a_malformed_stop_is_refused(
    api: Api, tasks: str, template: TaskTemplate, body: str
) -> None:
    url = f"{tasks}/{factories.task(template).id}"
    assert api("carol").post(f"{url}/stop", data=body).status_code == 400
    assert api("dave").get(url).json["status"] == "waiting"


def test_an_unknown_status_is_shown_as_it_is(api: Api, tasks: str, template: TaskTemplate) -> None:
    """Imported rows may have any."""
    url = f"{tasks}/{factories.task(template, status='testing').id}"
    assert api("dave").get(url).json["status"] == "testing"


def test_the_last_tasks_come_in_pages(api: Api, tasks: str, template: TaskTemplate) -> None:
    dave = api("dave")
    ids = [factories.task(template, status="success").id for _ in range(5)][::-1]

    def page(query: str) -> tuple[list[int], str]:
        answer = dave.get(f"{tasks}/last{query}")
        return [task["id"] for task in answer.json], answer.headers["X-Has-Next"]

    assert page("") == page("?limit=-5") == page("?limit=x") == (ids, "false")
    assert page("?limit=2") == page("?limit=4&count=2") == (ids[:2], "true")
    assert page(f"?count=2&before={ids[1]}") == (ids[2:4], "true")
    assert page(f"?count=2&before={ids[3]}") == (ids[4:], "false")
    assert page("?before=0") == ([], "false")
    assert page(f"?before={-(10**30)}") == page(f"?count={10**30}") == (ids, "false")
    assert [task["id"] for task in dave.get(tasks).json] == ids


def test_a_finished_task_is_deleted_by_an_administrator(
    api: Api, tasks: str, template: TaskTemplate
) -> None:
    done, active = (
        f"{tasks}/{factories.task(template, status=status).id}" for status in ("error", "waiting")
    )
    root = api("root")
    assert root.delete(active).status_code == 400
    assert root.delete(done).status_code == 204
    assert root.delete(done).status_code == 404
    assert root.get(f"{done}/output").status_code == 404


def test_administrators_see_and_stop_what_is_active_anywhere(
    api: Api, template: TaskTemplate, project: Project
) -> None:
    factories.task(template, status="success")
    waiting, running = (factories.task(template, status=s) for s in ("waiting", "running"))
    root = api("root")
    assert root.get("/api/tasks").json == [
        {"task_id": waiting.id, "project_id": project.id, "status": "waiting", "location": "queue"},
        {"task_id": running.id, "project_id": project.id, "status": "running",
         "location": "running"},
    ]  # fmt: skip
    assert root.delete(f"/api/tasks/{waiting.id}").status_code == 204
    assert [task["task_id"] for task in root.get("/api/tasks").json] == [running.id]
    assert root.delete("/api/tasks/9999").status_code == 404


def test_a_plan_is_confirmed_or_rejected_once(api: Api, tasks: str, project: Project) -> None:
    template = factories.template(project, app="terraform", playbook="infra")
    for word, becomes in (("confirm", "confirmed"), ("reject", "rejected")):
        task = factories.task(template, status="waiting_confirmation")
        with transaction():
            task_plans.keep(task, SavedPlan(b"a plan", "f" * 64))
        url = f"{tasks}/{task.id}"
        assert api("dave").post(f"{url}/{word}", json={}).status_code == 403
        if word == "confirm":
            stale = api("carol").post(f"{url}/confirm", json={"hash": "0" * 64})
            assert (stale.status_code, stale.json["error"][:5]) == (400, "hash:")
        assert api("carol").post(f"{url}/{word}").status_code == 204
        assert api("dave").get(url).json["status"] == becomes
        assert api("bob").post(f"{url}/confirm").status_code == 400


def test_who_confirms_may_count_what_is_destroyed_and_say_why(
    api: Api, tasks: str, project: Project
) -> None:
    task = factories.task(
        factories.template(project, app="terraform", playbook="infra"),
        status="waiting_confirmation",
    )
    factories.plan(task, PlanChanges((), {"delete": 1, "replace": 1}))
    with transaction():
        task_plans.keep(task, SavedPlan(b"a plan", "f" * 64))
    url = f"{tasks}/{task.id}/confirm"
    refused = api("carol").post(url, json={"destroyed": 1})
    assert (refused.status_code, refused.json["error"][:10]) == (400, "destroyed:")
    assert api("carol").post(url, json={"comment": "x" * 501}).status_code == 400
    said = {"destroyed": 2, "comment": "as agreed"}
    assert api("carol").post(url, json=said).status_code == 204
    shown = api("dave").get(f"/api/project/{project.id}/events").json
    assert any(one["description"].endswith(": as agreed") for one in shown)

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Project
from tests import factories

Api = Callable[[str], FlaskClient]


@pytest.fixture
def templates(project: Project) -> str:
    return f"/api/project/{project.id}/templates"


@pytest.fixture
def good(project: Project) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "name": "Hello",
        "app": "bash",
        "playbook": "hello.sh",
        "description": "says hello",
        "repository_id": factories.repository(project).id,
        "inventory_id": factories.inventory(project).id,
        "environment_ids": [factories.environment(project).id],
        "arguments": '["--one"]',
        "git_branch": "main",
        "survey_vars": [{"name": "who", "title": "Who", "type": "enum", "values": [
            {"name": "World", "value": "world"}]}],
        "task_params": {"limit": [""], "message": None},
        "allow_override_args_in_task": True,
        "type": "",
        "autorun": False,
    }  # fmt: skip


def test_a_template_is_created_with_everything(api: Api, templates: str, good: dict) -> None:
    made = api("bob").post(templates, json=good)
    assert made.status_code == 201
    same = {name for name in good if name != "survey_vars"}
    assert {name: made.json[name] for name in same} == {name: good[name] for name in same}
    survey = made.json["survey_vars"][0]
    assert (survey["values"], survey["required"]) == ([{"name": "World", "value": "world"}], False)
    assert made.json["environment_id"] == good["environment_ids"][0]
    assert (made.json["vaults"], made.json["tasks"]) == ([], 0)
    assert api("dave").get(f"{templates}/{made.json['id']}").json == made.json
    assert api("dave").get(templates).json == [made.json]


def test_what_is_unset_is_left_out(api: Api, templates: str, good: dict) -> None:
    bare = {"name": "T", "app": "bash", "playbook": "t.sh", "repository_id": good["repository_id"]}
    made = api("bob").post(templates, json=bare).json
    assert not {
        "inventory_id", "environment_id", "view_id", "build_template_id", "start_version",
        "task_params", "description", "arguments", "git_branch", "last_task",
    } & set(made)  # fmt: skip
    assert (made["environment_ids"], made["survey_vars"]) == ([], [])


def test_what_get_answers_can_be_sent_back(api: Api, templates: str, good: dict) -> None:
    bob = api("bob")
    url = f"{templates}/{bob.post(templates, json=good).json['id']}"
    before = bob.get(url).json
    assert bob.put(url, json=before).status_code == 204
    assert bob.get(url).json == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": ""}, "template name can not be empty"),
        ({"playbook": ""}, "template playbook can not be empty"),
        ({"arguments": "--diff"}, "template arguments must be valid JSON"),
        ({"app": "nosuch"}, "Invalid app id: nosuch"),
        ({"app": ""}, "Invalid app id: "),
        ({"repository_id": 999}, "repository_id: There is no repository 999 in this project"),
        ({"repository_id": None}, "repository_id: Choose a repository of this project"),
        ({"inventory_id": 999}, "inventory_id: There is no inventory 999 in this project"),
        (
            {"environment_ids": [999]},
            "environment_ids: There is no variable group 999 in this project",
        ),
        ({"view_id": 999}, "view_id: There is no view 999 in this project"),
        (
            {"runner_tag": "eu"},
            "runner_tag: No worker serves tags yet, so it would wait for ever: leave it empty",
        ),
        ({"name": 5}, "name: Input should be a valid string"),
        ({"survey_vars": "none"}, "survey_vars: Input should be a valid array"),
        ({"project_id": 999}, "Project ID in body and URL must be the same"),
    ],
)
def test_a_bad_template_is_refused_and_not_stored(
    api: Api, templates: str, good: dict, change: dict, error: str
) -> None:
    answer = api("bob").post(templates, json=good | change)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert api("bob").get(templates).json == []


def test_a_change_must_repeat_the_ids(api: Api, templates: str, good: dict) -> None:
    bob = api("bob")
    made = bob.post(templates, json=good).json
    url = f"{templates}/{made['id']}"
    for change, error in (
        ({"id": None}, "template id in URL and in body must be the same"),
        ({"id": 999}, "template id in URL and in body must be the same"),
        ({"project_id": 999}, "You can not move template to other project"),
    ):
        answer = bob.put(url, json=made | change)
        assert (answer.status_code, answer.json) == (400, {"error": error})


def test_a_missing_field_is_emptied(api: Api, templates: str, good: dict) -> None:
    bob = api("bob")
    made = bob.post(templates, json=good | {"max_duration": 60}).json
    bare = {"name": "T", "app": "bash", "playbook": "t.sh", "repository_id": good["repository_id"]}
    ids = {"id": made["id"], "project_id": made["project_id"]}
    assert bob.put(f"{templates}/{made['id']}", json=bare | ids).status_code == 204
    left = bob.get(f"{templates}/{made['id']}").json
    assert not {"description", "arguments", "task_params", "inventory_id", "runner_tag"} & set(left)
    assert (left["survey_vars"], left["environment_ids"]) == ([], [])
    assert left["max_duration"] == 60  # which clients of the original do not know


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, (0, 1)),
        ({"environment_id": 2}, (2,)),
        ({"environment_id": 1}, (1,)),
        ({"environment_id": None}, (0, 1)),
        ({"environment_ids": [2, 1]}, (2, 1)),
        ({"environment_ids": []}, ()),
        ({"environment_id": 2, "environment_ids": []}, (2,)),
        ({"environment_id": 2, "environment_ids": [1, 2]}, (1, 2)),
        ({"environment_ids": None}, (0, 1)),
        ({"environment_id": 2, "environment_ids": None}, (2,)),
        ({"environment_id": None, "environment_ids": None}, ()),
    ],
)
def test_of_both_names_of_the_groups_the_one_that_was_changed_counts(
    api: Api, templates: str, good: dict, project: Project, change: dict, kept: tuple[int, ...]
) -> None:
    groups = [factories.environment(project, name).id for name in ("one", "two", "three")]
    bob = api("bob")
    made = bob.post(templates, json=good | {"environment_ids": groups[:2]}).json
    url = f"{templates}/{made['id']}"
    sent = {name: _ids(value, groups) for name, value in change.items()}
    assert bob.put(url, json=bob.get(url).json | sent).status_code == 204
    assert bob.get(url).json["environment_ids"] == [groups[place] for place in kept]


def _ids(value: Any, groups: list[int]) -> Any:
    if isinstance(value, list):
        return [groups[place] for place in value]
    return None if value is None else groups[value]


def test_one_group_is_chosen_by_its_old_name(
    api: Api, templates: str, good: dict, project: Project
) -> None:
    group = factories.environment(project).id
    del good["environment_ids"]
    made = api("bob").post(templates, json=good | {"environment_id": group})
    assert (made.json["environment_id"], made.json["environment_ids"]) == (group, [group])
    unknown = api("bob").post(templates, json=good | {"environment_id": 999})
    said = "environment_id: There is no variable group 999 in this project"
    assert (unknown.status_code, unknown.json) == (400, {"error": said})


def test_two_names_of_the_groups_that_contradict_are_refused(
    api: Api, templates: str, good: dict, project: Project
) -> None:
    groups = [factories.environment(project, name).id for name in ("one", "two")]
    both = {"environment_id": groups[0], "environment_ids": groups[1:]}
    error = {"error": "environment_id: contradicts environment_ids; give only one of them"}
    new = api("bob").post(templates, json=good | both)
    assert (new.status_code, new.json) == (400, error)
    made = api("bob").post(templates, json=good).json
    changed = api("bob").put(f"{templates}/{made['id']}", json=made | both)
    assert (changed.status_code, changed.json) == (400, error)


def test_a_template_shows_its_last_task(api: Api, templates: str, project: Project) -> None:
    template = factories.template(project)
    for status in ("error", "success"):
        last = factories.task(template, status=status, message=status)
    for shown in (
        api("dave").get(templates).json[0],
        api("dave").get(f"{templates}/{template.id}").json,
    ):
        assert (shown["last_task"]["id"], shown["tasks"]) == (last.id, 2)
        assert shown["last_task"]["tpl_alias"] == "Hello"


def test_a_list_costs_the_same_for_any_number(
    api: Api, templates: str, project: Project, count_queries
) -> None:
    dave, repository = api("dave"), factories.repository(project)
    counts = []
    for _ in range(2):
        for _ in range(3):
            template = factories.template(project, repository_id=repository.id)
            template.environments.append(factories.environment(project))
            factories.task(template)
        with count_queries() as sent:
            dave.get(templates)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_templates_are_filtered_by_app(api: Api, templates: str, project: Project) -> None:
    factories.template(project)
    assert len(api("dave").get(f"{templates}?app=bash").json) == 1
    assert api("dave").get(f"{templates}?app=python").json == []


def test_a_template_with_an_active_task_is_not_deleted(
    api: Api, templates: str, project: Project
) -> None:
    task = factories.task(factories.template(project))
    url = f"{templates}/{task.template_id}"
    assert api("bob").delete(url).status_code == 409
    body = {"force": False}
    assert api("carol").post(f"{url}/stop_all_tasks", json=body).status_code == 204
    assert api("bob").delete(url).status_code == 204
    assert api("bob").get(url).status_code == 404


@pytest.mark.parametrize("body", ["", "{", '{"force": "yes"}'])
def test_stopping_all_needs_a_body(api: Api, templates: str, project: Project, body: str) -> None:
    template = factories.template(project)
    answer = api("carol").post(f"{templates}/{template.id}/stop_all_tasks", data=body)
    assert (answer.status_code, answer.json) == (400, {"error": "Not allowed"})


def test_a_builder_in_use_is_not_deleted(api: Api, templates: str, project: Project) -> None:
    build = factories.template(project, type="build")
    deploy = factories.template(project, "Deploy", type="deploy", build_template_id=build.id)
    answer = api("bob").delete(f"{templates}/{build.id}")
    assert (answer.status_code, answer.json) == (
        400,
        {"error": "Template is in use by one or more templates", "inUse": True},
    )
    refs = api("bob").get(f"{templates}/{build.id}/refs").json
    assert refs["templates"] == [{"id": deploy.id, "name": "Deploy"}]


def test_tasks_of_a_template_are_listed_newest_first(
    api: Api, templates: str, project: Project
) -> None:
    one, two = factories.template(project, "one"), factories.template(project, "two")
    ids = [factories.task(one, status="success").id for _ in range(3)]
    factories.task(two)
    url = f"{templates}/{one.id}/tasks"
    assert [task["id"] for task in api("dave").get(url).json] == ids[::-1]
    last = api("dave").get(f"{url}/last?limit=1")
    assert [task["id"] for task in last.json] == ids[-1:]
    assert last.headers["X-Has-Next"] == "true"


def test_a_description_is_changed_alone(api: Api, project: Project) -> None:
    template = factories.template(project, arguments='["a"]')
    url = f"/api/project/{project.id}/templates/{template.id}"
    before = api("bob").get(url).json
    assert (
        api("bob").put(f"{url}/description", json={"description": "Says\nhello"}).status_code == 204
    )
    assert api("bob").get(url).json == before | {"description": "Says\nhello"}
    assert api("bob").put(f"{url}/description", json={"description": 5}).status_code == 400


def test_tools_that_work_in_steps_have_arguments_for_each(
    api: Api, templates: str, good: dict
) -> None:
    by_step = '{"init": ["-upgrade"], "apply": ["-parallelism=1"], "default": ["-no-color"]}'
    infra = {"name": "T", "app": "terraform", "repository_id": good["repository_id"]}
    made = api("bob").post(templates, json=infra | {"arguments": by_step})
    assert made.status_code == 201 and made.json["arguments"] == by_step
    for refused in (
        good | {"arguments": by_step},
        infra | {"arguments": '{"destroy": ["-x"]}'},
        infra | {"arguments": '{"plan": "-x"}'},
    ):
        answer = api("bob").post(templates, json=refused)
        assert answer.status_code == 400 and "arguments" in answer.json["error"]

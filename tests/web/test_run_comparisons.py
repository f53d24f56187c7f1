"""What changed since a run last worked, and any two runs beside each other, as pages show it."""

from typing import Any

import pytest

from app.db import transaction
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.services import run_manifests
from app.services.run_comparisons import Change
from app.web import change_words
from tests import factories

S = TaskStatus
SECRET_HASHES = ("0000aaaa", "1111bbbb")


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project)


def made(template: TaskTemplate, status: S, commit: str, colour: str, hash: str) -> Task:
    task = factories.task(template, status=status, commit_hash=commit * 40)
    variables = [
        {"name": "COLOUR", "place": "env", "origin": "group", "from": "G", "secret": False,
         "hash": colour, "value": colour},
        {"name": "TOKEN", "place": "env", "origin": "group", "from": "G", "secret": True,
         "hash": hash},
    ]  # fmt: skip
    facts: dict[str, Any] = {"v": 1, "key": "k", "variables": variables, "parameters": {}}
    facts |= {"commit": {"hash": commit * 40, "branch": "main"}, "template": {}}
    with transaction():
        run_manifests.keep(task.id, facts)
    return task


@pytest.fixture
def pair(template: TaskTemplate) -> tuple[Task, Task]:
    return (
        made(template, S.SUCCESS, "a", "blue", SECRET_HASHES[0]),
        made(template, S.ERROR, "b", "red", SECRET_HASHES[1]),
    )


def test_the_head_of_a_failed_run_says_in_short_what_changed(browser, project, pair) -> None:
    page = browser("dave").get(f"/p/{project.id}/runs/{pair[1].id}").text
    assert f"Since #{pair[0].id} worked:" in page
    assert "commit aaaaaaa → bbbbbbb; variables: COLOUR, TOKEN." in page
    assert "Since #" not in browser("dave").get(f"/p/{project.id}/runs/{pair[0].id}").text


def test_its_tab_says_it_in_full_but_no_secret(browser, project, pair) -> None:
    page = browser("dave").get(f"/p/{project.id}/runs/{pair[1].id}/changes").text
    assert "<code>blue</code>" in page and "<code>red</code>" in page
    assert "TOKEN" in page and not any(hash in page for hash in SECRET_HASHES)
    assert "No worker is online" in page  # who would look for the commits


def test_any_two_runs_can_be_put_beside_each_other(browser, project, pair) -> None:
    a, b = pair
    page = browser("dave").get(f"/p/{project.id}/runs/compare?a={b.id}&b={a.id}").text
    assert "COLOUR" in page and f"#{a.id} success" in page and f"#{b.id} failed" in page


def test_without_the_other_one_it_is_the_last_that_worked(browser, project, pair) -> None:
    page = browser("dave").get(f"/p/{project.id}/runs/compare?b={pair[1].id}").text
    assert f'value="{pair[0].id}" selected' in page


def test_that_nothing_has_changed_is_an_answer(browser, project, template) -> None:
    a, b = (made(template, status, "a", "blue", "x") for status in (S.SUCCESS, S.ERROR))
    page = browser("dave").get(f"/p/{project.id}/runs/{b.id}/changes").text
    assert "Nothing that is known has changed." in page and f"run #{a.id}" in page


def test_what_never_worked_says_so(browser, project, template) -> None:
    task = made(template, S.ERROR, "a", "blue", "x")
    page = browser("dave").get(f"/p/{project.id}/runs/{task.id}/changes").text
    assert "It has not worked before" in page


def test_runs_of_two_templates_are_refused(browser, project, pair) -> None:
    other = factories.task(factories.template(project, "Other"), status=S.SUCCESS)
    answer = browser("dave").get(f"/p/{project.id}/runs/compare?a={other.id}&b={pair[1].id}")
    assert answer.status_code == 422


def test_a_stranger_sees_nothing_of_it(browser, project, pair) -> None:
    a, b = pair
    paths = (f"compare?a={a.id}&b={b.id}", f"compare/_commits?a={a.id}&b={b.id}", f"{b.id}/changes")
    for path in paths:
        assert browser("mallory").get(f"/p/{project.id}/runs/{path}").status_code == 404


def test_the_api_tells_the_same(api, project, pair) -> None:
    a, b = pair
    url = f"/api/project/{project.id}/tasks/{b.id}/changes"
    found = api("dave").get(url).json
    assert found == api("dave").get(f"{url}?since={a.id}").json
    assert (found["task_id"], found["since"]) == (b.id, a.id)
    assert found["changes"][1:] == [
        {"part": "variables", "place": "env", "name": "COLOUR", "kind": "changed",
         "before": "blue", "after": "red"},
        {"part": "variables", "place": "env", "name": "TOKEN", "kind": "changed"},
    ]  # fmt: skip


def test_the_api_has_nothing_to_tell_of_what_never_worked(api, project, template) -> None:
    task = factories.task(template, status=S.ERROR)
    found = api("dave").get(f"/api/project/{project.id}/tasks/{task.id}/changes").json
    assert found == {"task_id": task.id, "changes": [], "unknown": [], "unsure": []}


@pytest.mark.parametrize(
    ("part", "name", "words"),
    [
        ("template", "arguments", "Arguments"),
        ("template", "survey_vars.v_int", "Question v_int"),
        ("template", "survey_vars", "Questions"),
        ("template", "task_params.limit", "Limit"),
        ("template", "task_params.allow_override_limit", "Limit open to runs"),
        ("template", "task_params.hide_dry_run", "Dry run closed to runs"),
        ("template", "environments", "Variables"),
        ("parameters", "limit", "Limit"),
        ("parameters", "max_duration", "Time limit"),
        ("inventory", "hosts", "Hosts and their variables"),
        ("inventory", "hosts/site.yml", "hosts/site.yml"),
        ("variables", "limit", "limit"),
    ],
)
def test_what_changed_is_called_as_in_forms(part: str, name: str, words: str) -> None:
    assert change_words.label(Change(part, name, "changed"), "ansible") == words

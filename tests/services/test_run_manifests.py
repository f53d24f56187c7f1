"""What a run was made of: the facts of rows and of the worker, without a secret in them."""

import json
from contextlib import closing
from typing import Any

import pytest

from app.db import db
from app.lib.keyring import Keyring
from app.models import AccessKeyType, Environment, Project, Task, TaskStatus, TaskTemplate
from app.services import run_manifests, run_specs, secrets
from app.services.fingerprints import Fingerprints
from app.services.run_manifests import Manifest
from app.services.run_variables import may_be_secret
from app.services.task_output_writer import TaskOutput
from app.services.task_reporter import TaskReporter
from tests import factories

SECRET, ANSWER = "k3y-of-the-group", "s3cret-answer"
SURVEY = [
    {"name": "colour", "title": "Colour", "type": "string", "default_value": "red"},
    {"name": "size", "title": "Size", "type": "string"},
    {"name": "pin", "title": "Pin", "type": "secret"},
    {"name": "STAGE", "title": "Stage", "type": "string", "target": "env"},
]


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    first = factories.environment(project, "Shared", json='{"region": "eu", "size": "S"}')
    second = factories.environment(
        project, "Prod", json='{"region": "us", "api_token": "abc"}', env='{"MODE": "fast"}'
    )
    seal(second, "TOKEN", SECRET, "variable")
    template = factories.template(project, survey_vars=SURVEY, allow_any_vars_in_task=True)
    template.environments = [first, second]
    db.session.commit()
    return template


def seal(group: Environment, name: str, value: str, owner: str) -> None:
    key = factories.access_key(
        db.session.get_one(Project, group.project_id), name, type=AccessKeyType.STRING,
        owner=owner, environment_id=group.id,
    )  # fmt: skip
    secrets.seal(key, value)
    db.session.commit()
    db.session.refresh(group)


def started(template: TaskTemplate, answers: dict[str, Any], hidden: dict[str, Any]) -> Task:
    task = factories.task(template, environment=json.dumps(answers))
    if hidden:
        task.secret = secrets.encrypt(json.dumps(hidden), f"task:{task.id}")
        db.session.commit()
    return task


def facts_of(task: Task) -> dict[str, Any]:
    spec = run_specs.build(task)

    def mask(text: str) -> str:
        for secret in spec.secrets:
            text = text.replace(secret, "***")
        return text

    return Manifest.of(task, spec, mask).facts()


def by_name(facts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in facts["variables"]}


def test_each_variable_says_whose_value_has_won(template: TaskTemplate) -> None:
    answers = {"colour": "red", "size": "XL", "STAGE": "test", "extra": 1}
    found = by_name(facts_of(started(template, answers, {"pin": ANSWER})))
    assert {name: (one["place"], one["origin"]) for name, one in found.items()} == {
        "region": ("var", "group"), "api_token": ("var", "group"), "TOKEN": ("var", "group"),
        "MODE": ("env", "group"), "colour": ("var", "template"), "size": ("var", "survey"),
        "STAGE": ("env", "survey"), "extra": ("var", "run"), "pin": ("var", "survey"),
    }  # fmt: skip
    assert (found["region"]["from"], found["region"]["hides"]) == ("Prod", ["Shared"])
    assert found["size"]["hides"] == ["Shared"]
    assert {name for name, one in found.items() if one["secret"]} == {"TOKEN", "pin"}


def test_values_are_kept_of_what_is_no_secret_only(template: TaskTemplate) -> None:
    answers = {"size": "XL", "note": f"see {SECRET}"}
    facts = facts_of(started(template, answers, {"pin": ANSWER}))
    found = by_name(facts)
    assert (found["region"]["value"], found["size"]["value"]) == ("us", "XL")
    assert not any("value" in found[name] for name in ("TOKEN", "pin", "api_token", "note"))
    assert not any(secret in json.dumps(facts) for secret in (SECRET, ANSWER))


def test_the_settings_of_the_server_are_known_by_their_hash(template, app) -> None:
    app.config["HELIOGRAPH"].ENV_VARS["http_proxy"] = "http://proxy.test"
    try:
        found = by_name(facts_of(started(template, {}, {})))["http_proxy"]
    finally:
        del app.config["HELIOGRAPH"].ENV_VARS["http_proxy"]
    assert (found["origin"], "value" in found) == ("server", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("db_password", "x"), ("apiKey", "x"), ("url", "https://ann:pw@example.test/"),
        ("x", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"), ("x", "y" * 201), ("x", {"a": "b"}),
        ("x", float("nan")),
    ],
)  # fmt: skip
def test_what_may_be_a_secret_is_not_kept(name: str, value: Any) -> None:
    assert may_be_secret(name, value)


@pytest.mark.parametrize("value", ["production", 8080, True, None, 1.5, ""])
def test_short_plain_values_are_kept(value: Any) -> None:
    assert not may_be_secret("stage", value)


def test_the_same_value_has_the_same_hash_at_its_place_only(app, project: Project) -> None:
    prints = Fingerprints.of_project(project.id)
    assert prints.of("var:a", "x") == Fingerprints.of_project(project.id).of("var:a", "x")
    others = {prints.of("var:b", "x"), prints.of("var:a", "y"), prints.of("env:a", "x")}
    others.add(Fingerprints.of_project(project.id + 1).of("var:a", "x"))
    assert len(others | {prints.of("var:a", "x")}) == 5


def test_another_key_gives_other_hashes_and_says_so(app, project: Project) -> None:
    first = Fingerprints.of_project(project.id)
    ring = app.extensions["keyring"]
    app.extensions["keyring"] = Keyring([b"k" * 32, *ring.keys])
    try:
        second = Fingerprints.of_project(project.id)
    finally:
        app.extensions["keyring"] = ring
    assert first.key_id != second.key_id and first.of("var:a", "x") != second.of("var:a", "x")


def test_the_template_is_kept_as_it_was(template: TaskTemplate) -> None:
    template.arguments = '["--password=x"]'
    facts = facts_of(started(template, {}, {}))
    assert facts["template"]["playbook"]["value"] == template.playbook
    assert facts["template"]["environments"]["value"] == "Shared, Prod"
    assert list(facts["template"]["arguments"]) == ["hash"]
    before = facts["template"]["arguments"]
    template.arguments = '["--password=y"]'
    assert facts_of(started(template, {}, {}))["template"]["arguments"] != before


def test_facts_of_the_run_are_stored_with_its_states(template: TaskTemplate) -> None:
    task = factories.task(template, status=TaskStatus.STARTING, claim="mine", lease_until=1)
    with closing(TaskOutput(task.id, "mine")) as output:
        output.hide(["hunter22"])
        manifest = Manifest.of(task, run_specs.build(task), output.mask)
        reporter = TaskReporter(task, "mine", output, manifest)
        reporter.commit("a" * 40, "Say hunter22")
        reporter.event("fact", name="tools", value={"Bash": "5.2"})
        reporter.status("running")
        assert run_manifests.find(task)["tools"] == {"Bash": "5.2"}
        reporter.event("fact", name="tools", value={"Python": "3.13"})
        reporter.event("fact", name="command", value={"line": "bash hunter22"})
        assert reporter.settle(TaskStatus.SUCCESS)
    db.session.commit()
    found = run_manifests.find(task)
    assert found["tools"] == {"Bash": "5.2", "Python": "3.13"}
    assert found["commit"] == {"branch": "main", "hash": "a" * 40, "message": "Say ***"}
    assert "hunter22" not in json.dumps(found)


def test_a_stranger_writes_no_facts(template: TaskTemplate) -> None:
    task = factories.task(template, status=TaskStatus.STARTING, claim="mine", lease_until=1)
    with closing(TaskOutput(task.id, "mine")) as output:
        manifest = Manifest.of(task, run_specs.build(task), output.mask)
        task.claim = "theirs"
        db.session.commit()
        assert not TaskReporter(task, "mine", output, manifest).settle(TaskStatus.ERROR)
    db.session.commit()
    assert run_manifests.find(task) == {}


def test_digests_of_the_inventory_are_kept_under_the_key(template: TaskTemplate) -> None:
    task = factories.task(template)
    manifest = Manifest.of(task, run_specs.build(task), str)
    manifest.note("inventory", {"hash": "one", "files": {"hosts": "two"}, "commit": "c"})
    found = manifest.facts()["inventory"]
    assert found["commit"] == "c" and list(found["files"]) == ["hosts"]
    assert "one" not in str(found) and "two" not in str(found)


def test_of_a_run_from_before_manifests_the_commit_is_known(template: TaskTemplate) -> None:
    task = factories.task(template, commit_hash="b" * 40, commit_message="Old")
    assert run_manifests.find(task) == {"commit": {"hash": "b" * 40, "message": "Old"}}


def test_questions_parameters_and_arguments_of_the_template_are_told_one_by_one(
    template: TaskTemplate,
) -> None:
    template.task_params = {"limit": ["web1"], "allow_override_limit": True}
    template.arguments = '["-v"]'
    db.session.commit()
    found = facts_of(started(template, {}, {}))["template"]
    asked = found["survey_vars"]["parts"]
    assert list(asked) == ["colour", "size", "pin", "STAGE"]
    assert asked["colour"]["value"] == "title=Colour, type=string, default_value=red"
    params = {name: one["value"] for name, one in found["task_params"]["parts"].items()}
    assert params == {"limit": "web1", "allow_override_limit": True}
    assert found["arguments"]["value"] == '["-v"]'


@pytest.mark.parametrize("name", ["task_params", "survey_vars"])
def test_a_question_may_be_called_as_a_part_of_the_template(
    template: TaskTemplate, name: str
) -> None:
    template.survey_vars = [{"name": name, "title": "T", "type": "string"}]
    db.session.commit()
    found = facts_of(started(template, {name: "x"}, {}))
    assert found["template"]["survey_vars"]["parts"][name]["value"] == "title=T, type=string"


@pytest.mark.parametrize("arguments", ['["--token=abc"]', '["-e", "db_password=x"]'])
def test_arguments_that_may_hold_a_secret_are_not_kept(
    template: TaskTemplate, arguments: str
) -> None:
    template.arguments = arguments
    db.session.commit()
    found = facts_of(started(template, {}, {}))["template"]["arguments"]
    assert "hash" in found and "value" not in found

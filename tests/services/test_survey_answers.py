"""Answers on their way from a start to a run."""

import json
from typing import Any

import pytest

from app.errors import Invalid
from app.executors import EXECUTORS
from app.models import Project, TaskTemplate
from app.schemas.task_templates import TaskTemplateIn
from app.schemas.tasks import TaskIn
from app.services import run_specs, survey_answers, task_params, task_templates, tasks
from tests import factories


def template(*questions: dict[str, Any], **values: Any) -> TaskTemplate:
    given = {"app": "bash", "playbook": "hello.sh", "survey_vars": list(questions)} | values
    return TaskTemplate(**given)


def refusals(shape: TaskTemplate, secret: Any = None, **answers: Any) -> dict[str, str]:
    given = TaskIn(
        template_id=1, environment=json.dumps(answers), secret=json.dumps(secret or {})
    )  # fmt: skip
    return survey_answers.refusals(given, shape)


def test_a_wrong_answer_is_refused_with_its_variable_and_what_is_allowed() -> None:
    shape = template(
        {"name": "port", "type": "int", "max": "9"},
        {"name": "pin", "type": "secret", "regex": "[0-9]{4}"},
    )
    assert refusals(shape, port="x", secret={"pin": "12a"}) == {
        "environment.port": "Must be a whole number",
        "secret.pin": "Must match [0-9]{4}",
    }
    assert refusals(shape, port="9", secret={"pin": "1234"}) == {}


LONG = "x" * 131_072


@pytest.mark.parametrize("app", [app for app in EXECUTORS if not EXECUTORS[app].reads_variables])
def test_what_no_process_can_be_given_is_refused_at_the_start(app: str) -> None:
    shape = template({"name": "notes", "type": "text"}, {"name": "pin", "type": "secret"}, app=app)
    found = refusals(shape, notes=LONG, secret={"pin": LONG})
    assert found == dict.fromkeys(("environment.notes", "secret.pin"), survey_answers.TOO_LONG)
    assert refusals(shape, notes=LONG[:-100], secret={"pin": LONG[:-100]}) == {}
    assert refusals(shape, notes="é" * 65_536) == {"environment.notes": survey_answers.TOO_LONG}


def test_a_free_variable_is_named_as_well() -> None:
    shape = template(allow_any_vars_in_task=True)
    assert refusals(shape, wish=["x", LONG]) == {"environment.wish": survey_answers.TOO_LONG}


def test_what_is_read_from_a_file_may_be_long() -> None:
    asked = {"name": "notes", "type": "text"}
    assert refusals(template(asked, app="ansible"), notes=LONG, secret={}) == {}
    shape = template(asked | {"target": "env"}, app="ansible")
    assert refusals(shape, notes=LONG) == {"environment.notes": survey_answers.TOO_LONG}


def test_many_answers_are_refused_together() -> None:
    shape = template(allow_any_vars_in_task=True)
    many = {f"wish{number}": LONG[:-100] for number in range(7)}
    more = {f"pin{number}": LONG[:-100] for number in range(6)}
    found = refusals(shape, secret=more, **many)
    assert found == {"environment": survey_answers.TOO_LONG_TOGETHER}
    assert refusals(shape, **many) == {}


def test_no_and_zero_answer_what_is_required() -> None:
    shape = template(
        {"name": "sure", "type": "bool", "required": True},
        {"name": "count", "type": "int", "required": True},
    )
    assert refusals(shape, sure=False, count=0) == {}
    assert list(refusals(shape)) == ["environment.sure", "environment.count"]


def test_a_missing_secret_is_said_at_its_place() -> None:
    shape = template({"name": "pin", "type": "secret", "required": True})
    assert refusals(shape) == {"secret.pin": survey_answers.REQUIRED}


@pytest.mark.parametrize(("tool", "question"), [
    ("ansible", {"name": "ansible_connection"}),
    ("ansible", {"name": "hostvars"}),
    ("ansible", {"name": "ANSIBLE_CONFIG", "target": "env"}),
    ("ansible", {"name": "LD_PRELOAD", "type": "secret", "target": "env"}),
    ("bash", {"name": "BASH_ENV", "type": "secret"}),
    ("bash", {"name": "PS4", "target": "env"}),
    ("python", {"name": "PYTHONPATH", "type": "secret"}),
])  # fmt: skip
class TestReserved:
    def test_no_template_asks_for_it(self, tool: str, question: dict, project: Project) -> None:
        key = factories.repository(project).id
        data = TaskTemplateIn(
            name="T", app=tool, playbook="x", repository_id=key, survey_vars=[question],
            inventory_id=factories.inventory(project).id,
        )  # fmt: skip
        with pytest.raises(Invalid) as refused:
            task_templates.create(project, data, actor=None)
        assert refused.value.fields == {"survey_vars.0.name": survey_answers.ASKED_RESERVED}

    def test_no_answer_sets_it(self, tool: str, question: dict) -> None:
        """A restored template may ask all the same."""
        place = "secret" if question.get("type") == "secret" else "environment"
        data = TaskIn(template_id=1, **{place: json.dumps({question["name"]: "x"})})
        found = survey_answers.refusals(data, template(question, app=tool))
        assert found == {f"{place}.{question['name']}": survey_answers.RESERVED}

    def test_no_free_variable_is_it(self, tool: str, question: dict) -> None:
        if question.get("target"):
            return  # What nobody asks for has no target.
        place = "secret" if question.get("type") == "secret" else "environment"
        data = TaskIn(template_id=1, **{place: json.dumps({question["name"]: "x"})})
        shape = template(app=tool, allow_any_vars_in_task=True)
        with pytest.raises(Invalid) as refused:
            task_params.check(data, shape, trusted=True)
        assert list(refused.value.fields) == [f"{place}.{question['name']}"]


def test_a_script_may_get_an_argument_of_any_name() -> None:
    assert refusals(template({"name": "PATH"}), PATH="/srv") == {}


def test_empty_values_of_what_nobody_asks_for_are_left_out() -> None:
    data = TaskIn(template_id=1, environment='{"ansible_user": "", "release": ""}')
    shape = template({"name": "release"}, app="ansible")
    assert survey_answers.kept(data, shape) == ('{"release": ""}', "")


def test_answers_are_kept_as_they_were_given() -> None:
    given = '{"release":  "1\\u00e9", "more": [1.50]}'
    data = TaskIn(template_id=1, environment=given, secret='{ "t": "x" }')
    shape = template({"name": "t", "type": "secret"}, allow_any_vars_in_task=True)
    assert survey_answers.kept(data, shape) == (given, '{ "t": "x" }')


@pytest.mark.parametrize("given", ['{"a": 4, "b": 1.5, "c": false}',
                                   '{"a": "4", "b": "1.50", "c": "false"}'])  # fmt: skip
def test_numbers_and_truth_are_kept_as_such_whichever_way_they_came(given: str) -> None:
    shape = template(
        {"name": "a", "type": "int"}, {"name": "b", "type": "number"}, {"name": "c", "type": "bool"}
    )
    kept, _ = survey_answers.kept(TaskIn(template_id=1, environment=given), shape)
    assert kept == '{"a": 4, "b": 1.5, "c": false}'


def test_what_is_not_answered_gets_its_default() -> None:
    shape = template(
        {"name": "a", "default_value": "1"},
        {"name": "b", "default_value": "1", "required": True},
        {"name": "c", "type": "bool", "default_value": "true"},
        {"name": "d", "type": "select", "default_value": ["x", "y"]},
        {"name": "e", "default_value": ""},
    )
    data = TaskIn(template_id=1, environment='{"a": "", "b": ""}')
    kept, _ = survey_answers.kept(data, shape)
    assert json.loads(kept) == {"a": "", "b": "1", "c": True, "d": ["x", "y"]}


def test_answers_go_where_the_template_wants_them(project: Project) -> None:
    shape = factories.template(
        project,
        survey_vars=[
            {"name": "ZONE", "target": "env"},
            {"name": "COUNT", "type": "int", "target": "env"},
            {"name": "TOKEN", "type": "secret", "target": "env"},
            {"name": "plain"},
        ],
    )
    data = TaskIn(
        template_id=shape.id,
        environment='{"ZONE": "eu", "COUNT": 3, "plain": "p"}',
        secret='{"TOKEN": "hush"}',
    )
    spec = run_specs.build(tasks.start(project, data, actor=None))
    assert (spec.env, spec.secret_env) == ({"ZONE": "eu", "COUNT": "3"}, {"TOKEN": "hush"})
    assert (spec.extra_vars, spec.secret_vars) == ({"plain": "p"}, {})
    assert "hush" in spec.secrets

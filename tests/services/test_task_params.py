"""What a start may change: nothing that was given is dropped in silence."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import Invalid
from app.models import TaskTemplate
from app.schemas.tasks import TaskIn
from app.services import task_params

EMPTY = [None, "", 0, False, [], {}, [""], "[]", "{}", {"limit": [""]}]


def template(**values: Any) -> TaskTemplate:
    given = {"app": "bash", "playbook": "hello.sh", "survey_vars": []} | values
    return TaskTemplate(**given)


def refusal(shape: TaskTemplate, **given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        task_params.check(TaskIn(template_id=1, **given), shape)
    return refused.value.fields


@pytest.mark.parametrize("value", EMPTY, ids=repr)
def test_an_empty_value_under_any_name_never_refuses_a_start(value: Any) -> None:
    data = TaskIn.model_construct(template_id=1, limit=value, arguments=value, hosts=value)
    data.__pydantic_extra__ = {"host_limit": value}
    assert task_params.check(data, template()) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "web01"), ("playbook", "other.sh"), ("git_branch", "dev"), ("debug", True),
        ("arguments", '["--all"]'), ("inventory_id", 7), ("tags", "fast"), ("version", "1.2"),
    ],
)  # fmt: skip
def test_what_the_template_does_not_open_is_refused_by_name(name: str, value: Any) -> None:
    assert refusal(template(), **{name: value}) == {name: task_params.NOT_OPEN}


def test_the_templates_own_value_asks_for_nothing() -> None:
    shape = template(arguments='["--all"]', git_branch="dev")
    data = TaskIn(template_id=1, playbook="hello.sh", arguments='[ "--all" ]', git_branch="dev")
    assert task_params.check(data, shape) is None


def test_what_the_template_opens_is_taken() -> None:
    shape = template(allow_override_args_in_task=True, allow_override_branch_in_task=True)
    data = TaskIn(template_id=1, arguments='["--all"]', git_branch="dev")
    assert task_params.check(data, shape) is None


@pytest.mark.parametrize("name", ["auto_approve", "auto_approve_additions"])
def test_a_run_says_what_needs_no_approval_only_where_the_template_lets_it(name: str) -> None:
    given = {"params": {name: True}}
    shape = template(app="terraform", task_params={"allow_auto_approve": False})
    assert refusal(shape, **given) == {f"params.{name}": task_params.NOT_OPEN}
    shape.task_params = {"allow_auto_approve": True}
    assert task_params.check(TaskIn(template_id=1, **given), shape) is None
    own = task_params.of_template("terraform", {name: True})
    assert own == task_params.with_own(template(app="terraform", task_params=own), {})


def test_a_run_may_only_look_for_drift_unless_the_template_hides_it() -> None:
    given = {"params": {"drift_check": True}}
    shape = template(app="terraform", task_params={"allow_destroy": True})
    assert task_params.check(TaskIn(template_id=1, **given), shape) is None
    assert list(refusal(shape, params={"drift_check": True, "destroy": True})) == ["params.destroy"]
    shape.task_params = {"allow_destroy": True, "drift_check": True}
    assert list(refusal(shape, params={"destroy": True})) == ["params.destroy"]
    shape.task_params = {"hide_plan": True}
    assert refusal(shape, **given) == {"params.drift_check": task_params.NOT_OPEN}


@pytest.mark.parametrize("name", ["auto_approve", "auto_approve_additions"])
@pytest.mark.parametrize("look", ["plan", "drift_check"])
def test_what_only_looks_is_not_asked_to_apply_without_approval(look: str, name: str) -> None:
    shape = template(app="terraform", task_params={"allow_auto_approve": True})
    assert list(refusal(shape, params={look: True, name: True})) == [f"params.{name}"]
    for empty in ("", 0, False, None):
        data = TaskIn(template_id=1, params={look: True, name: empty})
        assert task_params.check(data, shape) is None
    shape.task_params = {look: True, "allow_auto_approve": True}
    assert list(refusal(shape, params={name: True})) == [f"params.{name}"]
    with pytest.raises(Invalid) as refused:
        task_params.check_template("terraform", {look: True, name: True})
    assert list(refused.value.fields) == [f"task_params.{name}"]


@pytest.mark.parametrize("open_", [True, False])
def test_a_run_may_only_look_where_its_template_applies_without_approval(open_: bool) -> None:
    own = {"auto_approve": True, "auto_approve_additions": True, "allow_auto_approve": open_}
    shape = template(app="terraform", task_params=own)
    for more in ({}, {"auto_approve": True}, {"auto_approve": True, "drift_check": True}):
        data = TaskIn(template_id=1, params={"plan": True} | more)
        assert task_params.check(data, shape) is None


def test_a_template_cannot_store_what_does_not_go_together() -> None:
    both = {"run_all": True, "backend_config": ["bucket=states"]}
    with pytest.raises(Invalid) as refused:
        task_params.check_template("terragrunt", both)
    assert list(refused.value.fields) == ["task_params.backend_config"]
    assert task_params.of_template("terragrunt", both) == both  # as a backup brings it along
    assert task_params.check_template("terragrunt", both | {"run_all": False}) is None


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [("lock_timeout", "30s", "soon"), ("parallelism", "4", "-1"), ("parallelism", "20", "many")],
)
def test_what_becomes_an_option_has_a_form(name: str, good: str, bad: str) -> None:
    assert task_params.of_template("terraform", {name: good}) == {name: good}
    with pytest.raises(Invalid) as refused:
        task_params.check_template("terraform", {name: bad})
    assert list(refused.value.fields) == [f"task_params.{name}"]


BY_STEP = '{"init": ["-no-color"], "plan": ["-target=a"], "apply": ["-parallelism=1"]}'


def test_arguments_by_step_are_for_tools_that_work_in_steps() -> None:
    shape = template(app="terraform", allow_override_args_in_task=True)
    assert task_params.check(TaskIn(template_id=1, arguments=BY_STEP), shape) is None
    shape.arguments = BY_STEP
    assert task_params.check(TaskIn(template_id=1, arguments=BY_STEP), shape) is None
    assert list(refusal(template(allow_override_args_in_task=True), arguments=BY_STEP)) == [
        "arguments"
    ]


def test_arguments_of_each_step_are_looked_at() -> None:
    shape = template(app="terraform", allow_override_args_in_task=True)
    data = TaskIn(template_id=1, arguments='{"default": ["-no-color"], "apply": ["-lock=false"]}')
    with pytest.raises(Invalid, match="not open to runs of apply"):
        task_params.check(data, shape)
    assert task_params.check(data, shape, trusted=True) is None


@pytest.mark.parametrize("text", ['{"else": ["-x"]}', '{"plan": "-x"}', '{"plan": [1]}'])
def test_what_is_no_list_by_step_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TaskIn(template_id=1, arguments=text)


@pytest.mark.parametrize("name", ["environment", "secret"])
def test_who_starts_a_run_sets_none_of_ansibles_own_variables(name: str) -> None:
    shape = template(app="ansible", playbook="site.yml")
    given = json.dumps({"ansible_ssh_common_args": "-o ProxyCommand=id"})
    assert list(refusal(shape, **{name: given})) == [f"{name}.ansible_ssh_common_args"]


def test_an_argument_that_no_process_can_be_given_is_refused() -> None:
    shape = template(allow_override_args_in_task=True)
    given = json.dumps(["x" * 131_072])
    assert refusal(shape, arguments=given) == {"arguments": "Each must be shorter than 128 KB"}


def test_a_misspelt_name_does_not_run_on_everything() -> None:
    assert refusal(template(), host_limit="web01") == {"host_limit": "Unknown parameter"}


def test_a_task_that_is_sent_back_may_carry_what_only_the_server_sets() -> None:
    data = TaskIn(template_id=1, id=3, status="success", tpl_alias="Hello", user_id=4)
    assert task_params.check(data, template()) is None


def test_an_unknown_key_of_params_is_refused() -> None:
    assert refusal(template(), params={"limit": ["web"]}) == {"params.limit": task_params.NOT_OPEN}


class TestSurvey:
    survey = [
        {"name": "release", "title": "Release", "required": True},
        {"name": "token", "title": "Token", "type": "secret"},
    ]

    def test_undeclared_answers_are_refused(self) -> None:
        found = refusal(template(), environment='{"region": "eu"}')
        assert found == {"environment.region": "Unknown variable"}

    def test_the_template_may_take_any(self) -> None:
        data = TaskIn(template_id=1, environment='{"region": "eu"}')
        assert task_params.check(data, template(allow_any_vars_in_task=True)) is None

    def test_a_required_answer_is_asked_for(self) -> None:
        shape = template(survey_vars=self.survey)
        assert refusal(shape) == {"environment.release": "An answer is required"}

    def test_a_secret_never_travels_in_the_open(self) -> None:
        given = '{"release": "1", "token": "abc"}'
        found = refusal(template(survey_vars=self.survey), environment=given)
        assert found == {"environment.token": "A secret answer belongs into `secret`"}

    def test_a_secret_in_its_place_is_taken(self) -> None:
        data = TaskIn(template_id=1, environment='{"release": "1"}', secret='{"token": "abc"}')
        assert task_params.check(data, template(survey_vars=self.survey)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment", "[1]"), ("environment", "{"), ("environment", {"a": 1}),
        ("arguments", '{"a": 1}'), ("arguments", "[1]"), ("arguments", "--all"), ("secret", "x"),
        ("debug", "maybe"), ("template_id", "first"), ("params", []),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_refused_with_the_name_of_the_field(name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        TaskIn.model_validate({"template_id": 1} | {name: value})
    assert refused.value.errors()[0]["loc"] == (name,)

import pytest

from app.lib import step_arguments
from app.lib.json_objects import NOT_FINITE
from app.schemas.tasks import StopIn, TaskIn
from tests.schemas.checks import read, refusal


@pytest.mark.parametrize("value", ["", " ", "{}", "[]", "null", None])
def test_what_is_empty_asks_for_nothing(value: str | None) -> None:
    data = read(TaskIn, environment=value, secret=value, arguments=value)
    assert (data.answers, data.secret_answers, data.arguments) == ({}, {}, None)


@pytest.mark.parametrize("value", ["{", "[1]", "5", "[" * 100_000])
def test_answers_are_a_json_object(value: str) -> None:
    assert str(refusal(TaskIn, environment=value)) == "environment: Must be a JSON object"


@pytest.mark.parametrize("value", ['{"a": 1, "b": 2, "a": 1}', '{"b": [{"a": 1, "a": 2}]}'])
def test_no_value_is_lost_behind_another_of_its_name(value: str) -> None:
    assert str(refusal(TaskIn, environment=value)) == "environment: a is given twice"


@pytest.mark.parametrize("value", ["NaN", "1e400", "-1e400", '["x", {"y": 1e999}]'])
def test_a_number_that_is_none_is_named(value: str) -> None:
    refused = refusal(TaskIn, environment=f'{{"b": 1, "a": {value}}}')
    assert str(refused) == f"environment: a: {NOT_FINITE}"


@pytest.mark.parametrize("value", ["--one", "[1]", '"x"'])
def test_arguments_are_a_json_list_of_texts(value: str) -> None:
    assert str(refusal(TaskIn, arguments=value)) == "arguments: Must be a JSON list of texts"


@pytest.mark.parametrize("value", ['{"a": 1}', '{"aply": ["-no-color"]}', '{"plan": "-x"}'])
def test_arguments_by_step_say_which_steps_there_are(value: str) -> None:
    assert str(refusal(TaskIn, arguments=value)) == f"arguments: {step_arguments.WHAT}"


@pytest.mark.parametrize("field", ["message", "git_branch", "template_name", "limit"])
def test_no_text_holds_a_nul(field: str) -> None:
    assert list(refusal(TaskIn, **{field: "a\0"}).fields) == [field]


def test_names_of_a_task_that_a_start_does_not_use_are_known() -> None:
    assert read(TaskIn, id=5, status="success", host_limit="web").unknown == {"host_limit": "web"}


def test_a_stop_is_gentle_unless_it_says_so() -> None:
    assert (read(StopIn).force, read(StopIn, force=None).force) == (False, False)
    assert read(StopIn, force=True).force

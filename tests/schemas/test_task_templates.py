import pytest

from app.schemas.task_templates import TaskTemplateIn
from tests.schemas.checks import read, refusal

GOOD = {"name": "t", "app": "bash", "playbook": "hello.sh", "repository_id": 1}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": ""}, "template name can not be empty"),
        ({"arguments": "--diff"}, "template arguments must be valid JSON"),
        ({"arguments": "{}"}, 'arguments: Must be a JSON list of texts: ["--verbose"]'),
        ({"arguments": "[1]"}, 'arguments: Must be a JSON list of texts: ["--verbose"]'),
        ({"playbook": "../x.sh"}, "playbook: Must be a path inside the repository: path/to/it"),
        ({"type": "odd"}, "type: Input should be '', 'build' or 'deploy'"),
        ({"vaults": [{"vault_key_id": 1}] * 2}, "vaults: The name default is there twice"),
    ],
)
def test_what_no_run_could_use_is_refused(values: dict, message: str) -> None:
    assert str(refusal(TaskTemplateIn, **GOOD | values)) == message


def test_empty_texts_are_unset() -> None:
    data = read(
        TaskTemplateIn, **GOOD, arguments="", git_branch="", runner_tag="", working_directory=""
    )
    assert (data.arguments, data.git_branch, data.runner_tag, data.working_directory) == (None,) * 4


def test_free_parameters_are_kept_as_sent() -> None:
    given = {"limit": [""], "nothing": None, "deep": {"n": 1.5}}
    assert read(TaskTemplateIn, **GOOD, task_params=given).task_params == given
    assert read(TaskTemplateIn, **GOOD).task_params is None


@pytest.mark.parametrize(
    ("survey", "message"),
    [
        ({"name": "v", "target": "process"}, "invalid survey variable target: process"),
        (
            {"name": "v", "type": "enum", "values": [{"value": "a"}], "default_value": "b"},
            "survey_vars.0.default_value: 'b' is not one of the values",
        ),
    ],
)
def test_a_survey_that_nobody_could_answer_is_refused(survey: dict, message: str) -> None:
    assert str(refusal(TaskTemplateIn, **GOOD, survey_vars=[survey])) == message


@pytest.mark.parametrize(
    "kind", ["", "string", "int", "integer", "enum", "secret", "text", "select"]
)
def test_survey_variables_arrive_under_all_names_in_use(kind: str) -> None:
    data = read(TaskTemplateIn, **GOOD, survey_vars=[{"name": "v", "type": kind}])
    assert data.survey_vars[0].type == kind

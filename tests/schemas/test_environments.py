import json

import pytest

from app.schemas.environments import EnvironmentIn
from tests.schemas.checks import read, refusal


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Environment name can not be empty"),
        ({"name": "e", "json": "{"}, "Extra variables must be valid JSON"),
        ({"name": "e", "json": '{"a": NaN}'}, "Extra variables must be valid JSON"),
        ({"name": "e", "json": "[1]"}, "json: Must be a JSON object of names and values"),
        ({"name": "e", "env": "{"}, "Environment variables must be valid JSON"),
        ({"name": "e", "env": '{"A": [1]}'}, "env: A must be a text, a number or a boolean"),
        ({"name": "e", "env": '{"": 1}'}, "env: The name of a variable can not be empty"),
    ],
)
def test_what_no_run_could_use_is_refused(values: dict, message: str) -> None:
    assert str(refusal(EnvironmentIn, **values)) == message


@pytest.mark.parametrize("name", ["A=B", "A\nB"])
def test_the_name_of_a_variable_is_one_that_a_process_can_have(name: str) -> None:
    assert list(refusal(EnvironmentIn, name="e", env=json.dumps({name: 1})).fields) == ["env"]


def test_empty_variables_are_an_empty_object() -> None:
    assert read(EnvironmentIn, name="e", json="", env="").variables == "{}"
    assert read(EnvironmentIn, name="e", env=None).env is None


def test_a_deeply_nested_text_is_refused_like_any_other() -> None:
    assert str(refusal(EnvironmentIn, name="e", json="[" * 100_000)) == (
        "Extra variables must be valid JSON"
    )


def test_a_secret_of_an_unknown_kind_is_refused_by_name() -> None:
    secrets = [{"name": "X", "secret": "x", "type": "zzz", "operation": "create"}]
    assert list(refusal(EnvironmentIn, name="e", secrets=secrets).fields) == ["secrets.0.type"]

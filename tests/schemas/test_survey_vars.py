"""The questions of a survey: what clients of the original send, and what is ours."""

from typing import Any

import pytest

from app.schemas.survey_kinds import KINDS
from app.schemas.survey_vars import SurveyVar
from app.schemas.task_templates import TaskTemplateIn
from tests.schemas.checks import read, refusal
from tests.schemas.test_task_templates import GOOD

MANY = [{"name": "", "value": "a"}, {"name": "", "value": "b"}]


def ask(**values: Any) -> SurveyVar:
    return read(SurveyVar, **{"name": "v"} | values)


def test_a_question_of_the_original_comes_back_without_fields_of_ours() -> None:
    given = {
        "name": "region", "title": "Region", "description": "Where", "required": True,
        "type": "enum", "values": MANY, "default_value": "b", "target": "env",
    }  # fmt: skip
    assert ask(**given).stored() == given


def test_what_is_ours_comes_back_where_it_says_something() -> None:
    given = {"name": "port", "type": "number", "min": 1, "max": "65535.5"}
    kept = ask(**given).stored()
    assert (kept["min"], kept["max"]) == ("1", "65535.5")
    assert not {"source", "regex"} & kept.keys()
    assert ask(**kept).stored() == kept


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_a_question(kind: str) -> None:
    assert ask(type=kind).type == kind


@pytest.mark.parametrize(("values", "why"), [
    ({"type": "colour"}, "invalid survey variable type: colour"),
    ({"target": "process"}, "invalid survey variable target: process"),
    ({"type": "enum", "source": "moon"}, "invalid survey variable source: moon"),
    ({"source": "hosts"}, "source: Only choices come from a list"),
    ({"name": "a b"}, "name: Must be letters, digits and _, as in release_name"),
    ({"name": "--check"}, "name: Must be letters, digits and _, as in release_name"),
    ({"name": "a-b", "target": "env"}, "target: An environment variable cannot be called a-b"),
    ({"type": "int", "min": "x"}, "min: Must be a whole number"),
    ({"type": "int", "min": 5, "max": 4}, "max: Must not be less than 5, the smallest one"),
    ({"min": -1}, "min: Must not be negative"),
    ({"type": "select", "values": MANY, "min": 3},
     "min: Must not be more than 2, the number of choices"),
    ({"type": "bool", "max": 1}, "max: This type has no smallest and largest answer"),
    ({"type": "date", "min": "soon"}, "min: Must be a date: 2026-12-31"),
    ({"regex": "(a"}, "regex: This is no pattern: missing ): (a"),
    ({"regex": "a" * 501}, "regex: This is no pattern: Longer than 500 characters"),
    ({"type": "int", "regex": "1"}, "regex: Only texts and choices have a pattern"),
    ({"type": "enum", "values": MANY, "default_value": "c"},
     "default_value: 'c' is not one of the values"),
    ({"type": "select", "values": MANY, "default_value": ["a", "c"]},
     "default_value: 'c' is not one of: a, b"),
    ({"type": "int", "default_value": "many"}, "default_value: Must be a whole number"),
    ({"default_value": "abc", "max": 2}, "default_value: At most 2 characters"),
    ({"type": "secret", "default_value": "x"},
     "default_value: A secret has no default: everybody who sees the template could read it"),
])  # fmt: skip
def test_a_question_that_nobody_could_answer_is_refused(values: dict, why: str) -> None:
    assert str(refusal(SurveyVar, **{"name": "v"} | values)) == why


@pytest.mark.parametrize("values", [
    {"type": "bool", "default_value": "true"},
    {"type": "select", "values": MANY, "default_value": ["a", "b"]},
    {"type": "select", "values": MANY, "default_value": "a,b"},
    {"type": "date", "default_value": "2026-12-31"},
    {"type": "enum", "source": "branches", "default_value": "main"},
])  # fmt: skip
def test_a_default_is_an_answer(values: dict) -> None:
    assert ask(**values).default_value == values["default_value"]


def test_a_variable_is_asked_for_once() -> None:
    twice = [{"name": "v"}, {"name": "w"}, {"name": "v"}]
    found = refusal(TaskTemplateIn, **GOOD, survey_vars=twice)
    assert str(found) == "survey_vars: The variable v is asked for twice"


def test_clients_send_questions_without_a_name() -> None:
    nameless = [{"name": ""}, {"title": "x"}]
    assert len(read(TaskTemplateIn, **GOOD, survey_vars=nameless).survey_vars) == 2

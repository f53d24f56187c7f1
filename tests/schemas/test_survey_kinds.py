"""What is an answer to each kind of question, and what is not."""

from typing import Any

import pytest

from app.lib.json_objects import NOT_FINITE
from app.schemas import survey_kinds

MANY = [{"name": "Sea", "value": "blue"}, {"name": "", "value": "red"}]
GOOD: list[tuple[str, Any, dict[str, Any]]] = [
    ("", "any 'text' with \"quotes\"\nand {{ braces }} $(id) ü 🐢", {}),
    ("string", 7, {}),
    ("", "ab", {"min": "2", "max": "2"}),
    ("", "v1.2", {"regex": r"v\d+\.\d+"}),
    ("text", "two\nlines", {"regex": r"(?s).*"}),
    ("secret", "hush hush", {"min": "8"}),
    ("int", "-12", {}),
    ("integer", 12, {"min": "1", "max": "12"}),
    ("number", "1.10", {"min": "1.1", "max": "1.1"}),
    ("number", -2.5e3, {}),
    ("number", "12345678901234567890", {"max": "12345678901234567890.25"}),
    ("number", "0.10000000000000000000", {}),
    ("bool", False, {}),
    ("bool", "true", {}),
    ("enum", "blue", {"values": MANY}),
    ("enum", "anything", {}),
    ("enum", "release/1", {"source": "branches", "values": MANY}),
    ("select", ["blue", "red"], {"values": MANY, "max": "2"}),
    ("select", "red", {"values": MANY}),
    ("date", "2028-02-29", {"min": "2028-01-01"}),
    ("time", "23:59", {}),
    ("datetime", "2026-12-31T23:59", {"max": "2026-12-31T23:59:00Z"}),
    ("datetime", "2026-12-31T23:59:59+02:00", {}),
]
BAD: list[tuple[str, Any, dict[str, Any], str]] = [
    ("", "a\0b", {}, "Must not contain the character NUL"),
    ("", {"a": 1}, {}, "Must be a text"),
    ("", "a", {"min": "2"}, "At least 2 characters"),
    ("", "abc", {"max": "2"}, "At most 2 characters"),
    ("", "xv1.2", {"regex": r"v\d+\.\d+"}, r"Must match v\d+\.\d+"),
    ("", "v1.2\n", {"regex": r"v\d+\.\d+"}, r"Must match v\d+\.\d+"),
    ("int", "1.5", {}, "Must be a whole number"),
    ("int", "٣", {}, "Must be a whole number"),
    ("int", True, {}, "Must be a whole number"),
    ("int", "9" * 5000, {}, "Must be a whole number"),
    ("int", 10**5000, {}, "Must be a whole number"),
    ("int", 13, {"max": "12"}, "Must be at most 12"),
    ("int", "0", {"min": "1"}, "Must be at least 1"),
    ("number", "1,5", {}, "Must be a number: 1.5"),
    ("number", "nan", {}, "Must be a number: 1.5"),
    ("number", "1e9999", {}, "Must be a number: 1.5"),
    ("number", float("inf"), {}, NOT_FINITE),
    ("number", "1e400", {}, NOT_FINITE),
    ("number", "12345678901234567890.25", {},
     "Has too many digits: tools would get 1.2345678901234567e+19"),
    ("number", "1e-400", {}, "Has too many digits: tools would get 0.0"),
    ("", float("nan"), {}, NOT_FINITE),
    ("bool", 1, {}, "Must be true or false"),
    ("bool", "yes", {}, "Must be true or false"),
    ("enum", "green", {"values": MANY}, "'green' is not one of: blue, red"),
    ("enum", ["blue"], {"values": MANY}, "Must be a text"),
    ("select", ["blue", "green"], {"values": MANY}, "'green' is not one of: blue, red"),
    ("select", ["red", "red"], {"values": MANY}, "Must name each choice once"),
    ("select", [1], {"values": MANY}, "Must be a list of texts"),
    ("select", ["red"], {"values": MANY, "min": "2"}, "Choose at least 2"),
    ("select", ["a", "B"], {"source": "hosts", "regex": "[a-z]+"}, "Must match [a-z]+"),
    ("date", "2026-02-29", {}, "There is no such date"),
    ("date", "29.02.2028", {}, "Must be a date: 2026-12-31"),
    ("date", "2026-01-01", {"min": "2026-01-02"}, "Must not be before 2026-01-02"),
    ("time", "24:00", {}, "There is no such time"),
    ("datetime", "2026-12-31", {}, "Must be date and time: 2026-12-31T23:59"),
    ("datetime", "2027-01-01T00:00", {"max": "2026-12-31T23:59Z"},
     "Must not be after 2026-12-31T23:59Z"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "answer", "more"), GOOD, ids=range(len(GOOD)))
def test_an_answer_is_let_pass(kind: str, answer: Any, more: dict[str, Any]) -> None:
    survey_kinds.check({"name": "v", "type": kind} | more, answer)


@pytest.mark.parametrize(("kind", "answer", "more", "why"), BAD, ids=range(len(BAD)))
def test_what_is_none_is_refused_with_what_is_allowed(
    kind: str, answer: Any, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError) as refused:
        survey_kinds.check({"name": "v", "type": kind} | more, answer)
    assert str(refused.value) == why


def test_a_pattern_that_other_engines_never_finish_takes_no_time() -> None:
    question = {"type": "", "regex": "(a|a)*$|(a*)*b"}
    with pytest.raises(ValueError):
        survey_kinds.check(question, "a" * 100_000 + "!")


@pytest.mark.parametrize("name", ["--force", "-e", "a=b", "", "a b", "ä", "x\ny", "1st"])
def test_a_free_variable_is_no_option_of_a_tool(name: str) -> None:
    with pytest.raises(ValueError):
        survey_kinds.check_free(name, "x")


def test_a_free_variable_may_hold_anything_but_nul() -> None:
    survey_kinds.check_free("deep", {"list": [1, {"x": "{{ y }}"}]})
    with pytest.raises(ValueError):
        survey_kinds.check_free("deep", {"list": [1, {"x\0": "y"}]})


@pytest.mark.parametrize(("answer", "missing"), [
    (None, True), ("", True), ("  ", True), ([], True), ([""], True),
    (False, False), (0, False), ("0", False), ("[]", False), (["a"], False),
])  # fmt: skip
def test_no_and_zero_are_answers(answer: Any, missing: bool) -> None:
    assert survey_kinds.is_missing(answer) is missing


@pytest.mark.parametrize(
    ("kind", "given", "taken"),
    [
        ("int", "4", 4), ("integer", "-007", -7), ("int", 4, 4), ("int", "", ""),
        ("number", "1.50", 1.5), ("number", "3", 3), ("number", "1e3", 1000.0),
        ("number", 2.5, 2.5), ("number", "0.10000000000000000001", "0.10000000000000000001"),
        ("bool", "true", True), ("bool", "false", False), ("bool", False, False), ("bool", "", ""),
        ("", "4", "4"), ("string", "true", "true"), ("", 4, 4), ("text", "1.50", "1.50"),
        ("enum", "4", "4"), ("select", "a,b", "a,b"), ("select", ["4"], ["4"]),
        ("date", "2026-01-01", "2026-01-01"),
    ],
)  # fmt: skip
def test_an_answer_reaches_the_tool_in_the_type_of_its_question(
    kind: str, given: Any, taken: Any
) -> None:
    found = survey_kinds.as_given_to_tools({"name": "v", "type": kind}, given)
    assert (found, type(found)) == (taken, type(taken))

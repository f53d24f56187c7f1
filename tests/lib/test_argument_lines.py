import json

import pytest

from app.lib.argument_lines import to_json, to_lines, to_list


def test_each_line_is_an_argument():
    assert to_json("--limit\n  web 1 \n\n-v\n") == '["--limit", "web 1", "-v"]'


def test_nothing_typed_is_no_list():
    assert to_json(" \n ") == to_json("[]") == ""


def test_a_json_list_of_texts_is_read_as_one():
    assert to_json('["a b", ""]') == '["a b", ""]'


@pytest.mark.parametrize("text", ["[a-z]*", "[1, 2]", '["a"', "[web] then"])
def test_brackets_that_are_no_list_of_texts_are_an_argument(text):
    assert json.loads(to_json(text)) == [text]


def test_any_number_of_brackets_is_an_argument():
    deep = "[" * 20_000
    assert to_list(deep) == [deep]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--limit", "web"],
        ["two\nlines", "-v"],
        ["", "after an empty one"],
        [" leading blank"],
        ['["looks like a list"]'],
        ["[1]"],
        ["größe", "quote'\"\\"],
        ["carriage\rreturn", "\u2028"],
    ],
)
def test_opening_and_saving_changes_nothing(arguments):
    stored = json.dumps(arguments, ensure_ascii=False)
    assert json.loads(to_json(to_lines(stored))) == arguments


@pytest.mark.parametrize(("stored", "shown"), [(None, ""), ("[]", ""), ("no list", "no list")])
def test_what_is_no_list_is_shown_as_it_is(stored, shown):
    assert to_lines(stored) == shown


def test_arguments_by_step_are_an_object():
    stored = '{"init": ["-upgrade"], "plan": ["-target=a b"]}'
    assert to_lines(stored) == stored and to_json(f"\n{stored}\n") == stored
    assert json.loads(to_json('{"else": ["-x"]}')) == ['{"else": ["-x"]}']

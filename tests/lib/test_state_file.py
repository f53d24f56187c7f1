"""What a state must have, and how it gets another number."""

import json

import pytest

from app.lib import state_file
from app.lib.state_file import Unreadable
from tests import factories


def test_a_state_tells_its_number_its_line_and_how_much_it_manages():
    found = state_file.parse(factories.state_text(7, "a-b", one="x", two="y").encode())
    assert (found.serial, found.lineage, found.resources) == (7, "a-b", 2)


def test_of_an_encrypted_one_the_resources_are_unknown():
    text = json.dumps({"serial": 3, "lineage": "l", "encrypted_data": "…", "meta": {}})
    found = state_file.parse(text.encode())
    assert found.is_encrypted and found.serial == 3


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xff", "UTF-8"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "object"),
        (b'{"lineage": "l"}', "serial"),
        (b'{"serial": true, "lineage": "l"}', "serial"),
        (b'{"serial": -1, "lineage": "l"}', "serial"),
        (b'{"serial": 9223372036854775808, "lineage": "l"}', "serial"),
        (b'{"serial": 1}', "lineage"),
        (b'{"serial": 1, "lineage": ""}', "lineage"),
        (b'{"serial": 1, "lineage": "a\\u0000"}', "lineage"),
    ],
)
def test_what_is_no_state_is_refused_by_what_it_lacks(text, why):
    with pytest.raises(Unreadable, match=why):
        state_file.parse(text)


def test_another_number_changes_nothing_else():
    text = '{ "resources": [{"serial": 5, "x": 1.10}],\n  "serial": 5, "lineage": "l" }'
    made = state_file.with_serial(text, 12)
    assert made == text.replace('"serial": 5, "lineage"', '"serial": 12, "lineage"')


def test_a_number_that_is_not_found_is_no_guess():
    with pytest.raises(Unreadable):
        state_file.with_serial('{"s\\u0065rial": 5, "lineage": "l"}', 12)

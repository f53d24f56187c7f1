"""The document of outputs is bounded, and secrets leave with none of it."""

import json

import pytest

from app.lib import tool_outputs
from app.lib.tool_outputs import ToolOutput, Unreadable, parse


def document(**values) -> bytes:
    """Of each name: its value, or (value, "sensitive")."""
    entries = {
        name: {"sensitive": isinstance(one, tuple), "type": "string",
               "value": one[0] if isinstance(one, tuple) else one}
        for name, one in values.items()
    }  # fmt: skip
    return json.dumps(entries).encode()


def test_values_come_in_their_types_by_their_names():
    found = parse(document(b=[1, None, True], a="x"))
    assert [(one.name, one.value) for one in found] == [("a", "x"), ("b", [1, None, True])]


@pytest.mark.parametrize(
    "other", ["s3cr3t-word", ["s3cr3t-word"], {"in": "http://u:s3cr3t-word@host"}, 4711]
)
def test_what_is_sensitive_in_one_output_is_so_in_each_other(other):
    found = parse(document(a=("s3cr3t-word", ""), b=other, c="x", d=({"pin": 4711}, "")))
    assert [(one.sensitive, one.value) for one in found] == [
        (True, None), (True, None), (False, "x"), (True, None),
    ]  # fmt: skip


def test_what_does_not_say_that_it_is_open_is_sensitive():
    assert parse(b'{"a": {"value": "x"}, "b": 7}') == (
        ToolOutput("a", sensitive=True),
        ToolOutput("b", sensitive=True),
    )


def test_long_values_are_left_out(monkeypatch):
    monkeypatch.setattr(tool_outputs, "LONGEST", 20)
    monkeypatch.setattr(tool_outputs, "MOST_IN_ALL", 30)
    found = parse(document(a="x" * 30, b="y" * 10, c="z" * 17, d="end"))
    assert [one.is_left_out for one in found] == [True, False, True, False]
    assert found[0].value is None


def test_there_are_not_endlessly_many():
    assert len(parse(document(**{f"n{n}": n for n in range(600)}))) == tool_outputs.MOST


@pytest.mark.parametrize("answer", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_document_is_unreadable(answer):
    with pytest.raises(Unreadable):
        parse(answer)

import pytest

from app.lib.json_size import is_too_much


@pytest.mark.parametrize(
    ("text", "is_much"),
    [
        (b"", False),
        (b"[1,2,3]", False),
        (b"[1,2,3,4,5]", True),
        (b'{"a":{"b":{"c":{"d":{}}}}}', True),
        (b"[[[[[", True),
        (b'{"a": "[[[[[{{{{{,,,,,"}', False),
        (b'{"a": "\\"[[[[[", "b": "\\\\"}', False),
        (b'{"a": "\\\\", "b": [1,2,3]}', True),
        (b'"' + b"," * 1_000_000 + b'"', False),
        (b'"' + b"\\n," * 1_000_000 + b'"', False),
    ],
)
def test_values_are_counted_outside_of_texts(text: bytes, is_much: bool) -> None:
    assert is_too_much(text, 4) is is_much

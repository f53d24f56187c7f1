import pytest

from app.lib import json_objects


def test_an_object_is_read() -> None:
    assert json_objects.read(b' {"a": [1, null]} ', "body") == {"a": [1, None]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "The body is not JSON: "),
        (b'{"a": NaN}', "The body is not JSON: "),
        (b"[" * 100_000, "The body is not JSON: "),
        (b'{"b": 1, "a": {"c": [1e400]}}', "The body is refused: a: Must not be NaN"),
        (b"[{}]", "The body must be a JSON object"),
        (b'{"a": [' + b"{}," * 500_000 + b"{}]}", "The body holds more than 500,000 values"),
    ],
)
def test_all_else_is_refused_by_its_name(text: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}"):
        json_objects.read(text, "body")


@pytest.mark.parametrize("value", ["a\0", ["a", ["\0"]], {"a": {"b": "\0"}}, {"\0": 1}])
def test_a_nul_is_found_wherever_it_stands(value: object) -> None:
    assert json_objects.holds_nul(value)
    assert not json_objects.holds_nul({"a": ["b", 1, None, True, {"c": "\\0"}]})

from types import SimpleNamespace
from typing import Any

import pytest

from app.services.webhook_values import Received, find, matches

REQUEST = Received(
    "POST",
    {"x-event": "push"},
    {"branch": "main"},
    b'{"n": 5.0, "f": 1.5, "yes": true, "list": [1, "a"], "no": null, "t": "x", "s": 5}',
)


def place(key: str, kind: str = "json") -> Any:
    return SimpleNamespace(key=key, body_data_type=kind)


@pytest.mark.parametrize(
    ("source", "key", "found"),
    [
        ("body", "n", "5"),
        ("body", "s", "5"),
        ("body", "f", "1.5"),
        ("body", "yes", "true"),
        ("body", "list", '[1, "a"]'),
        ("body", "no", None),
        ("body", "gone", None),
        ("body", "t", "x"),
        ("header", "X-Event", "push"),
        ("header", "X-Gone", None),
        ("query", "branch", "main"),
        ("query", "gone", None),
    ],
)
def test_values_are_texts_or_missing(source: str, key: str, found: str | None) -> None:
    assert find(REQUEST, source, place(key)) == found


def test_a_text_body_is_one_value() -> None:
    found = find(Received("POST", {}, {}, b"a\xff\x00"), "body", place("", "string"))
    assert found == "a\ufffd\0"


@pytest.mark.parametrize("body", [b"", b"zzz", b"[" * 100_000, b'{"a":' * 50_000, b"NaN"])
def test_what_is_no_json_has_no_values(body: bytes) -> None:
    assert find(Received("POST", {}, {}, body), "body", place("a")) is None


@pytest.mark.parametrize(
    ("method", "found", "met"),
    [
        ("equals", "main", True),
        ("equals", "maintenance", False),
        ("equals", None, False),
        ("unequals", "other", True),
        ("unequals", "main", False),
        ("unequals", None, True),
        ("contains", "the main one", True),
        ("contains", "other", False),
        ("contains", None, False),
    ],
)
def test_conditions(method: str, found: str | None, met: bool) -> None:
    condition = SimpleNamespace(method=method, value="main")
    assert matches(condition, found) is met

from typing import Any

import pytest

from app.lib.json_path import MISSING, find

PUSH = {
    "ref": "main",
    "commits": [{"id": 1, "author": {"name": "Ada"}}, {"id": 2}],
    "a.b": "dotted",
    "0": "zero",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("ref", "main"),
        ("commits.0.author.name", "Ada"),
        ("commits.[1].id", 2),
        ("commits[1].id", 2),
        ("a.b", "dotted"),
        ("0", "zero"),
        ("nothing", None),
        ("", PUSH),
        ("nothing.more", MISSING),
        ("ref.more", MISSING),
        ("commits.2", MISSING),
        ("commits.-1", MISSING),
        ("commits.99999999999999999999", MISSING),
        ("commits.id", MISSING),
        ("gone", MISSING),
    ],
)
def test_a_path_leads_to_a_value_or_nowhere(path: str, found: Any) -> None:
    assert find(PUSH, path) is found or find(PUSH, path) == found != MISSING

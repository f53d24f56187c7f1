"""Versions count on at their last number."""

import pytest

from app.lib.versions import following


@pytest.mark.parametrize(
    ("first", "previous", "wanted"),
    [
        ("1.0.0", None, "1.0.0"),
        ("1.0.0", "1.0.0", "1.0.1"),
        ("1.3.0", "1.3.9", "1.3.10"),
        ("v0.0.7", "v0.0.7", "v0.0.8"),
        ("rel-5-x", "rel-5-x", "rel-6-x"),
        ("1.5.0", "1.4.9", "1.5.0"),  # another prefix: it starts over
        ("1.4.20", "1.4.9", "1.4.20"),  # somebody has raised it
        ("1.4.8", "1.4.9", "1.4.10"),
        ("1", "41", "42"),
        ("2026.11-build.7", "2026.11-build.7", "2026.11-build.8"),
        ("1.0", "not a version", "1.0"),
        ("0" * 30 + "9", "1" * 31, "1" * 30 + "2"),
    ],
)
def test_what_comes_next(first: str, previous: str | None, wanted: str) -> None:
    assert following(first, previous) == wanted


def test_without_a_number_nothing_counts() -> None:
    with pytest.raises(ValueError, match="a number"):
        following("beta", None)

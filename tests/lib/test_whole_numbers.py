"""What a text is as a whole number."""

import pytest

from app.lib.whole_numbers import LARGEST, whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), ("007", 7), (str(LARGEST), LARGEST), ("0" * 18 + "1", 1)],
)
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole(text) == number


@pytest.mark.parametrize(
    "text",
    ["", " 7", "7\n", "+7", "-1", "1_0", "1.0", "x", "²", "٣", str(LARGEST + 1), "9" * 5000],
    ids=lambda text: ascii(text)[:12],
)
def test_anything_else_is_none(text: str) -> None:
    assert whole(text) is None

import pytest

from app.lib.choice_lines import to_choices, to_lines


def one(value: str, name: str = "") -> dict[str, str]:
    return {"value": value, "name": name}


@pytest.mark.parametrize(("text", "choices"), [
    ("", []),
    ("blue\nred", [one("blue"), one("red")]),
    ("blue = Sea\nred", [one("blue", "Sea"), one("red")]),
    ("a=b\nhttp://x", [one("a=b"), one("http://x")]),
    ("a = b = c", [one("a", "b = c")]),
    ("[web]", [one("[web]")]),
])  # fmt: skip
def test_lines_are_choices(text: str, choices: list) -> None:
    assert to_choices(text) == choices
    assert to_choices(to_lines(choices)) == choices


@pytest.mark.parametrize("choices", [
    [one("a = b")], [one("two\nlines")], [one(" blanks ")], [one("", "nothing")], [one('["x"]')],
    [one('[{"value": "x"}]')], [one("a", " b")],
])  # fmt: skip
def test_what_lines_cannot_say_survives_all_the_same(choices: list) -> None:
    assert to_choices(to_lines(choices)) == choices


def test_what_only_looks_like_a_list_is_lines() -> None:
    assert to_choices('[{"value": 1}]') == [one('[{"value": 1}]')]
    assert to_choices("[1, 2]") == [one("[1, 2]")]
    assert to_choices("[" * 20_000) == [one("[" * 20_000)]

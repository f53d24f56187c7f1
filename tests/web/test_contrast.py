"""The colours of tokens.css are readable on each other, in both themes (WCAG 2.2 AA)."""

import re

import pytest

from app.web.assets import FOLDER

TEXT, SHAPE = 4.5, 3.0
SURFACES = ("bg", "surface", "sunken")
TONES = ("ok", "run", "warn", "fail", "queue", "stop")
TINTS = tuple(f"{tone}-tint" for tone in TONES)
ANSI = tuple(f"a{n}" for n in range(16))
PAIRS = [  # (foregrounds, backgrounds, lowest ratio)
    (("text", "text-2", "text-3", "link"), (*SURFACES, "accent-tint"), TEXT),
    (("on-accent",), ("accent", "accent-hover", "danger", "danger-hover"), TEXT),
    (TONES, SURFACES, TEXT),
    (("text", "text-2", "fail", "ok"), TINTS, TEXT),
    (("edge", "focus"), SURFACES, SHAPE),
    (("accent", "danger"), ("bg", "surface"), SHAPE),
    (("log-text",), ("log", "log-hover", "log-target"), TEXT),
    (("log-dim",), ("log", "log-hover"), TEXT),
    (ANSI, ("log", "log-hover"), TEXT),
    (("log",), (*ANSI, "log-text"), TEXT),  # text on a coloured background
    (("on-hit",), ("hit", "hit-current"), TEXT),
    (("focus",), ("log",), SHAPE),
    *(((tone,), (f"{tone}-tint",), TEXT) for tone in TONES),
]
CASES = [(f, b, limit) for fronts, backs, limit in PAIRS for f in fronts for b in backs]


def tokens() -> dict[str, tuple[str, str]]:
    """The colour of each token in the light and in the dark theme."""
    css = (FOLDER / "css/tokens.css").read_text()
    found = {}
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", css):
        colours = re.findall(r"#[0-9a-fA-F]{6}\b", value)
        if len(colours) in (1, 2) and "px" not in value:
            found[name] = (colours[0], colours[-1])
    return found


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb, as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def ratio(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_standard() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_are_readable_on_each_other(theme: int) -> None:
    colours = {name: pair[theme] for name, pair in tokens().items()}
    weak = [
        (front, back, round(ratio(colours[front], colours[back]), 2))
        for front, back, limit in CASES
        if ratio(colours[front], colours[back]) < limit
    ]
    assert weak == []

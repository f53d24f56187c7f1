"""What is made late is made once, and not before somebody asks."""

import subprocess
import sys

from app.lib.late import Late


def test_it_is_made_once_and_when_it_is_asked_for() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("now")
        return "a text"

    late = Late(make)
    assert made == []
    assert late.upper() == "A TEXT"
    assert late.title() == "A Text"
    assert made == ["now"]


def test_a_module_is_not_imported_before() -> None:
    program = """
import sys
from app.lib.late import late_module
colors = late_module("colorsys")
print("colorsys" in sys.modules, colors.rgb_to_hsv(1, 1, 1), "colorsys" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False (0.0, 0.0, 1) True"

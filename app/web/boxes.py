"""Boxes to tick: what a browser sends of them."""

from flask import request

from app.errors import Invalid
from app.lib.whole_numbers import whole

HELD = "held"  # the field with the values of the boxes that a page has shown ticked


def changed(name: str) -> tuple[set[str], set[str]]:
    """Which boxes were ticked since the page was shown, and from which the tick was taken.

    The others stay as they are stored, whatever somebody else has made of them meanwhile.
    """
    ticked, before = set(request.form.getlist(name)), set(request.form.getlist(HELD))
    return ticked - before, before - ticked


def ids(name: str, values: set[str]) -> set[int]:
    """The values of boxes as ids of objects. Raises Invalid that names the field."""
    found = {value: whole(value) for value in values}
    for value, number in found.items():
        if number is None:
            raise Invalid({name: f"{value[:40]} is not the number of anything"})
    return {number for number in found.values() if number is not None}

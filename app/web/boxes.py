"""Boxes to tick: what a browser sends of them."""

from functools import reduce
from operator import or_

from flask import request

from app.errors import Invalid
from app.lib.whole_numbers import whole
from app.permissions import Permission
from app.web.forms import Form

HELD = "held"  # the field with the values of the boxes that a page has shown ticked
UNREADABLE = "?"  # no permissions


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


def take_permissions(form: Form) -> None:
    """Make one number of the boxes for permissions that were sent, for a schema to check."""
    if request.method == "POST":
        numbers = [whole(bit) for bit in request.form.getlist("bits")]
        bits = [number for number in numbers if number is not None]
        is_read = len(bits) == len(numbers)
        form.values["permissions"] = reduce(or_, bits, 0) if is_read else UNREADABLE


def permissions_of(form: Form, offered: Permission) -> Permission:
    """Which boxes are ticked of those that are offered."""
    value = form.values["permissions"]
    return Permission(value & offered) if isinstance(value, int) else Permission(0)

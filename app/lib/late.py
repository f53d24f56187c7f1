"""Make a thing when somebody first asks for it: who never does need not pay for it in memory."""

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any


class Late:
    """Stands for what `make` returns; it is called once, when an attribute is first asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)

    @cached_property
    def _made(self) -> Any:
        return self._make()


def late_module(name: str) -> Any:
    """A module that is imported when something of it is first asked for."""
    return Late(lambda: import_module(name))

"""Parts of a JSON document of somebody else's, whose form is not certain."""

from typing import Any


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [one for one in items(value) if isinstance(one, dict)]


def text(value: Any, longest: int = 2000) -> str:
    """The value if it is a text, as a database stores it; else an empty one."""
    return clean(value)[:longest] if isinstance(value, str) else ""


def clean(value: str) -> str:
    """A text without what has no form in UTF-8, and without zero bytes."""
    return value.encode(errors="replace").decode().replace("\0", "\ufffd")

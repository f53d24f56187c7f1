"""Turn the text of a setting into its type, or say what is allowed."""

import json
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import Any, get_origin
from urllib.parse import urlsplit

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


class SettingError(Exception):
    """A setting cannot be used; the text is one line for the person who starts the program."""


def setting(
    default: Any,
    *names: str,
    doc: str,
    key: str = "",
    secret: bool = False,
    check: Callable[[Any], Any] | None = None,
) -> Any:
    """Declare a setting: environment names (first found wins), its key in config.json.

    `check` returns the value that counts, or raises ValueError with what is wrong with it. `%` in
    a key stands for the dialect of the database.
    """
    made = {"names": names, "doc": doc, "key": key, "secret": secret, "check": check}
    if isinstance(default, dict | list):
        return field(default_factory=lambda: type(default)(default), metadata=made)
    return field(default=default, metadata=made)


def parse(name: str, raw: Any, wanted: Any) -> Any:
    """Return `raw` (text, or JSON of a configuration file) as the wanted type.

    Booleans are 1, true, yes, on and their opposites; lists and maps are JSON. Raises SettingError.
    """
    kind = get_origin(wanted) or wanted
    try:
        return READERS[kind](raw)
    except (ValueError, TypeError) as error:
        raise SettingError(f"{name}: {raw!r} is not {NAMES[kind]}") from error


def one_of(*allowed: str, also: dict[str, str] | None = None) -> Callable[[str], str]:
    """A check that a text is one of those `allowed`; `also` maps other words for them."""
    words = {word: word for word in allowed} | (also or {})

    def check(value: str) -> str:
        found = words.get(value, words.get(value.upper(), words.get(value.lower())))
        if found is None:
            raise ValueError(f"is not supported, only {', '.join(allowed)}")
        return found

    return check


def within(least: int, most: int) -> Callable[[int], int]:
    """A check that a number is not outside its limits."""

    def check(value: int) -> int:
        if not least <= value <= most:
            raise ValueError(f"is not between {least} and {most}")
        return value

    return check


def web_origins(value: list[str]) -> list[str]:
    """A check of what browsers send as Origin: a scheme and a host, perhaps a port; or *."""
    for one in value:
        url = urlsplit(one)
        plain = f"{url.scheme}://{url.netloc}" == one and url.hostname and one == one.lower()
        if one != "*" and not (plain and url.scheme in ("http", "https")):
            raise ValueError("holds something that is no origin such as https://app.example.com")
    return value


def _bool(raw: Any) -> bool:
    text = str(raw).lower()
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise ValueError(raw)


def _int(raw: Any) -> int:
    """A port may be written as the original does: ":3000"."""
    return int(str(raw).removeprefix(":"))


def _list(raw: Any) -> list[str]:
    value = json.loads(raw) if isinstance(raw, str) else raw
    if not isinstance(value, list):
        raise TypeError(raw)
    return [str(item) for item in value]


def _dict(raw: Any) -> dict[str, str]:
    value = json.loads(raw) if isinstance(raw, str) else raw
    if not isinstance(value, dict):
        raise TypeError(raw)
    return {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in value.items()}


READERS: dict[Any, Any] = {
    bool: _bool, int: _int, str: str, Path: Path, list: _list, dict: _dict
}  # fmt: skip
NAMES: dict[Any, str] = {
    bool: "yes or no",
    int: "a whole number",
    str: "text",
    Path: "a path",
    list: "a JSON list of texts",
    dict: "a JSON object of texts",
}

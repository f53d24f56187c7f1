"""The components that pages are made of: macros of templates/components, and their vocabulary.

Templates reach every macro as `c.<name>`, without an import, so that a block that is rendered
alone (a fragment) finds them as well.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Flask
from jinja2 import Environment
from markupsafe import Markup, escape

from app.web import formats

FILES = (
    "icons",
    "buttons",
    "status",
    "fields",
    "forms",
    "navigation",
    "data",
    "feedback",
    "floating",
    "log",
)


class Status(NamedTuple):
    """How a state is shown: word, tone (a colour token), icon, glyph of the page's title."""

    label: str
    tone: str
    icon: str
    glyph: str = ""
    spins: bool = False


STATUS: Mapping[str, Status] = MappingProxyType(
    {
        "waiting": Status("Queued", "queue", "clock", "◌"),
        "starting": Status("Preparing", "run", "loader-circle", "▸", spins=True),
        "running": Status("Running", "run", "loader-circle", "▸", spins=True),
        "waiting_confirmation": Status("Needs approval", "warn", "hand", "?"),
        "confirmed": Status("Approved", "run", "circle-check", "▸"),
        "rejected": Status("Rejected", "stop", "ban", "–"),  # noqa: RUF001
        "stopping": Status("Stopping", "stop", "circle-stop", "–"),  # noqa: RUF001
        "stopped": Status("Stopped", "stop", "circle-stop", "–"),  # noqa: RUF001
        "success": Status("Success", "ok", "circle-check", "✓"),
        "error": Status("Failed", "fail", "circle-x", "✗"),
        "not_executed": Status("Not executed", "stop", "circle-slash", "–"),  # noqa: RUF001
        "unreachable": Status("Unreachable", "fail", "unplug"),
        "changed": Status("Changed", "warn", "pencil"),
        "skipped": Status("Skipped", "stop", "circle-slash"),
    }
)
TONE_ICONS = MappingProxyType(
    {
        "run": "info",
        "ok": "circle-check",
        "warn": "triangle-alert",
        "fail": "circle-x",
        "queue": "clock",
        "stop": "circle-stop",
    }
)


class Components:
    """The macros of all component files by name."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._macros: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if not self._macros or self._env.auto_reload:
            self._macros = self._load()
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"no component named {name}") from None

    def _load(self) -> dict[str, Any]:
        macros: dict[str, Any] = {}
        for name in FILES:
            module = self._env.get_template(f"components/{name}.html").module
            macros |= {k: v for k, v in vars(module).items() if not k.startswith("_")}
        return macros


def init_app(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    install(app.jinja_env)


def install(env: Environment) -> None:
    """Give an environment what the macros need; `asset` and `csrf_token` come from elsewhere."""
    env.globals |= {
        "c": Components(env),
        "STATUS": STATUS,
        "TONE_ICONS": TONE_ICONS,
        "attributes": attributes,
        "opening": opening,
        "fmt": formats,
    }


def attributes(*sets: Mapping[str, Any]) -> Markup:
    """HTML attributes, later sets win: None and False leave one out, True writes its bare name."""
    merged = {name: value for values in sets for name, value in values.items()}
    parts = []
    for name, value in merged.items():
        if value is True:
            parts.append(f" {escape(name)}")
        elif value is not None and value is not False:
            parts.append(f' {escape(name)}="{escape(value)}"')
    return Markup("".join(parts))  # noqa: S704  every part above is escaped


def opening(address: str | None, box: str) -> dict[str, Any]:
    """The attributes of what shows a page in the "sheet" or the "dialog"; none for ""."""
    if not box:
        return {}
    link = {"hx-get": address, "hx-target": f"#{box}-body", "hx-swap": "innerHTML"}
    return link | {"data-sheet": box == "sheet"}

"""How pages show an app: its name and its icon."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from flask import Flask, g

from app.executors import kind_of
from app.services import apps

SPRITE = Path(__file__).parents[2] / "static" / "icons.svg"


class ShownApp(NamedTuple):
    name: str
    icon: str  # a symbol of static/icons.svg


def init_app(app: Flask) -> None:
    app.jinja_env.globals["shown_app"] = shown


def shown(app_id: str) -> ShownApp:
    """An app that this server has, or has had; the icon of one may be one of other programs."""
    found = _apps().get(app_id)
    wanted = found.icon if found else ""
    icon = wanted if wanted in symbols() else kind_of(app_id).icon
    return ShownApp(found.name if found else app_id, icon)


@cache
def symbols() -> frozenset[str]:
    """The names of all icons."""
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text()))


def offered() -> list[tuple[apps.App, ShownApp]]:
    """What new templates may run."""
    return [(app, shown(app.id)) for app in _apps().values() if app.active]


def _apps() -> dict[str, apps.App]:
    """Looked up once for each request."""
    if "apps" not in g:
        g.apps = apps.all_by_id()
    return g.apps

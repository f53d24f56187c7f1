"""The side bar and the frame around every page, as data."""

from contextlib import suppress
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from redis import RedisError

from app import guard
from app.extensions import redis
from app.models import Project
from app.permissions import Permission
from app.services import health, live_events, projects, tasks
from app.web import hx

MOST = 12  # projects in the menu; the rest is on the page with all of them


class Entry(NamedTuple):
    """A link of the side bar; `key` is pressed after g, `bar`: it is in the bottom bar too."""

    text: str
    icon: str
    endpoint: str
    key: str | None = None
    bar: bool = False
    counts: bool = False  # of unfinished runs


class Link(NamedTuple):
    text: str
    icon: str
    href: str
    current: bool
    key: str | None
    bar: bool
    unfinished: int | None = None  # None where nothing is counted


class Switch(NamedTuple):
    """What the project menu of the top bar shows."""

    name: str
    entries: list["SwitchEntry"]
    all: str | None


class SwitchEntry(NamedTuple):
    name: str
    href: str
    current: bool


NAV: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("Overview", "house", "overview.show", "o", bar=True),
            Entry("Templates", "play", "task_templates.index", "t", bar=True),
            Entry("Runs", "activity", "tasks.index", "r", bar=True, counts=True),
            Entry("Schedules", "calendar-clock", "schedules.index", "s", bar=True),
        ),
    ),
    (
        "Resources",
        (
            Entry("Inventories", "server", "inventories.index"),
            Entry("Variables", "layers", "environments.index"),
            Entry("Keys", "key-round", "access_keys.index"),
            Entry("Repositories", "git-branch", "repositories.index"),
            Entry("Integrations", "webhook", "integrations.index"),
        ),
    ),
    (
        "Project",
        (
            Entry("Team", "users", "team.index"),
            Entry("Activity", "history", "activity.index"),
            Entry("Settings", "settings", "project_settings.show"),
        ),
    ),
)


def init_app(app: Flask) -> None:
    app.before_request(note_cursor)
    app.jinja_env.globals |= {
        "navigation": navigation,
        "page_url": page_url,
        "live_socket": live_socket,
        "project_switch": project_switch,
        "is_disk_full": lambda: not health.has_room(),
    }


def navigation() -> list[tuple[str, list[Link]]]:
    """The groups of links of this project that have a page which the user may see."""
    groups = [(heading, [_link(e) for e in entries if _is_open(e)]) for heading, entries in NAV]
    return [(heading, links) for heading, links in groups if links]


def _is_open(entry: Entry) -> bool:
    access = getattr(current_app.view_functions.get(entry.endpoint), "access", None)
    return isinstance(access, Permission) and access in guard.permissions()


def _link(entry: Entry) -> Link:
    href = url_for(entry.endpoint, project_id=g.project.id)
    current = entry.endpoint.partition(".")[0] in request.blueprints
    unfinished = tasks.unfinished(project=g.project) if entry.counts else None
    return Link(entry.text, entry.icon, href, current, entry.key, entry.bar, unfinished)


def page_url(endpoint: str, **values: object) -> str | None:
    """The address of a page, or None where this server does not have it."""
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, **values)  # type: ignore[arg-type]


def live_socket() -> dict[str, str]:
    """Attributes of <body>: the page's socket, and the last event that the page has seen."""
    if not current_user.is_authenticated:
        return {}
    project = g.get("project")
    query = f"?project={project.id}" if project else ""
    return {
        "data-socket": f"{request.script_root}/ws{query}",
        "data-last": g.get("live_cursor", ""),
    }


def note_cursor() -> None:
    """Remember, before the view reads anything, which event of the project came last.

    The page's socket asks for what came later, so nothing is missed between page and socket.
    """
    if g.get("project") is None or request.method != "GET" or hx.is_partial():
        return
    with suppress(RedisError):
        last: Any = redis.client.xrevrange(live_events.key(g.project.id), count=1)
        g.live_cursor = last[0][0].decode() if last else live_events.NOTHING


def project_switch() -> Switch:
    """The project's name, some projects of this user, and the page with all of them."""
    current = g.get("project")
    is_known = current_user.is_authenticated
    found = projects.list_for(current_user, limit=MOST) if is_known else []
    return Switch(
        name=current.name if current else "Projects",
        entries=[_entry(project, current) for project in found],
        all=page_url("projects.index"),
    )


def _entry(project: Project, current: Project | None) -> SwitchEntry:
    href = url_for("overview.show", project_id=project.id)
    return SwitchEntry(project.title, href, current is not None and project.id == current.id)

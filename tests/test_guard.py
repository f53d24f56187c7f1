"""Who may call what: every route, with everybody of the cast, and with other projects' ids."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.guard import ADMIN, CREATE_PROJECT, PUBLIC, SIGNED_IN
from app.models import Project, User
from tests import factories, world
from tests.routes import (
    ADMIN_IN_PROJECT,
    API,
    EVERYBODY,
    PAGES,
    PROJECT,
    RESOURCES,
    RUN,
    SELF,
    SOCKETS,
    USERS,
    VIEW,
    Route,
)
from tests.world import World

ALL = API | PAGES
MEMBERS = ("dave", "carol", "bob", "alice")
STRANGERS = {"nobody": 401, "mallory": 404}

# Who is refused, and how: 401 asks to sign in, 404 hides that it exists, 403 tells the reason.
REFUSED: dict[Any, dict[str, int]] = {
    PUBLIC: {},
    SIGNED_IN: {"nobody": 401},
    SELF: {"nobody": 401} | dict.fromkeys(("mallory", *MEMBERS), 403),
    ADMIN: {"nobody": 401} | dict.fromkeys(("mallory", *MEMBERS), 403),
    CREATE_PROJECT: dict.fromkeys(("nobody", "mallory", *MEMBERS), 401),
    ADMIN_IN_PROJECT: STRANGERS | dict.fromkeys(MEMBERS, 403),
    VIEW: STRANGERS,
    RUN: STRANGERS | {"dave": 403},
    RESOURCES: STRANGERS | dict.fromkeys(("dave", "carol"), 403),
    PROJECT: STRANGERS | dict.fromkeys(("dave", "carol", "bob"), 403),
    USERS: STRANGERS | dict.fromkeys(("dave", "carol", "bob"), 403),
}


@pytest.fixture
def everything(cast: dict[str, User], project: Project) -> World:
    return world.build(cast, project)


@pytest.fixture
def client_of(app: Flask, everything: World) -> Callable[[str], FlaskClient]:
    """A client of one of the cast; "nobody" is not signed in."""
    sign_in = factories.api_of(app)
    return lambda name: app.test_client() if name == "nobody" else sign_in(name)


def send(client: FlaskClient, name: str, route: Route, ids: Mapping[str, Any]) -> TestResponse:
    method, path = name.split(" ")
    ids = {**ids, **{param: ids[other] for param, other in route.ids.items()}}
    url = re.sub(r"<(\w+)>", lambda found: str(ids[found[1]]), path)
    return client.open(url, method=method, json=route.body(ids) if route.body else None)


def least(route: Route) -> str:
    """Who may, and may least of all."""
    return next(name for name in EVERYBODY if name not in REFUSED[route.access])


@pytest.mark.parametrize("name", ALL)
def test_the_least_who_may_succeeds(
    name: str, everything: World, client_of: Callable[[str], FlaskClient]
) -> None:
    route = ALL[name]
    answer = send(client_of(least(route)), name, route, everything.mine)
    assert answer.status_code == route.status, answer.text


@pytest.mark.parametrize("name", ALL)
def test_everybody_else_is_refused(
    name: str, everything: World, client_of: Callable[[str], FlaskClient]
) -> None:
    route = ALL[name]
    for actor, status in REFUSED[route.access].items():
        answer = send(client_of(actor), name, route, everything.mine)
        assert answer.status_code == status, f"{actor}: {answer.text}"
        assert answer.json["error"], actor


@pytest.mark.parametrize("name", [name for name in ALL if "<project_id>" in name])
def test_another_project_does_not_exist(
    name: str, everything: World, client_of: Callable[[str], FlaskClient]
) -> None:
    route = ALL[name]
    for actor in MEMBERS:
        answer = send(client_of(actor), name, route, everything.foreign)
        assert answer.status_code == 404, f"{actor}: {answer.text}"


@pytest.mark.parametrize("name", [name for name in ALL if len(re.findall("<", name)) > 1])
def test_objects_of_another_project_do_not_exist(
    name: str, everything: World, client_of: Callable[[str], FlaskClient]
) -> None:
    route = ALL[name]
    mixed = {**everything.foreign, "project_id": everything.mine["project_id"]}
    for actor in (least(route), "root"):
        answer = send(client_of(actor), name, route, mixed)
        assert answer.status_code == 404, f"{actor}: {answer.text}"


def test_every_route_of_the_api_is_in_the_table(app: Flask) -> None:
    assert {name for name in routes(app) if " /api/" in name} == set(API)
    assert len(API) == 74  # written down, so that a route never comes or goes unnoticed


def test_every_socket_is_known(app: Flask) -> None:
    """They are opened in tests/live."""
    assert {rule.rule for rule in app.url_map.iter_rules() if rule.websocket} == SOCKETS


def routes(app: Flask) -> set[str]:
    """Method and path of each route, the paths without converters."""
    found = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"<\1>", rule.rule)
        if not rule.websocket:
            found |= {f"{method} {path}" for method in rule.methods - {"HEAD", "OPTIONS"}}
    return found

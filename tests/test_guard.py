"""Who may call what: every route, with everybody of the cast, and with other projects' ids."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.guard import ADMIN, CREATE_PROJECT, PUBLIC, SIGNED_IN
from app.models import Project, User
from tests import factories, world
from tests.page_routes import PAGES
from tests.routes import (
    ADMIN_IN_PROJECT,
    API,
    BACKEND,
    EVERYBODY,
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

Table = Mapping[str, Route]
Clients = Mapping[str, FlaskClient]

ALL = API | PAGES | BACKEND
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
def clients(app: Flask, everything: World) -> Clients:
    """A client of each of the cast, with a cookie; "nobody" is not signed in."""
    sign_in = factories.browser_of(app)
    return {"nobody": app.test_client()} | {name: sign_in(name) for name in EVERYBODY[1:]}


def send(
    client: FlaskClient, name: str, route: Route, ids: Mapping[str, Any], **headers: str
) -> TestResponse:
    method, path = name.split(" ")
    ids = {**ids, **{param: ids[other] for param, other in route.ids.items()}}
    url = re.sub(r"<(\w+)>", lambda found: str(ids[found[1]]), path + route.query)
    body = route.body(ids) if route.body else None
    return client.open(
        url, method=method, headers=headers, **{"json" if is_api(name) else "data": body}
    )


def is_api(name: str) -> bool:
    return " /api/" in name


def refusals(name: str) -> dict[str, int]:
    """Who is refused and how. Pages send one who is not signed in to where he can."""
    refused = REFUSED[ALL[name].access]
    if is_api(name):
        return refused
    if ALL[name].access == CREATE_PROJECT:
        refused = dict.fromkeys(refused, 403)
    return refused | ({"nobody": 302} if refused else {})


def least(route: Route) -> str:
    """Who may, and may least of all."""
    return next(name for name in EVERYBODY if name not in REFUSED[route.access])


@pytest.mark.parametrize("name", ALL)
def test_the_least_who_may_succeeds(name: str, app: Flask, everything: World) -> None:
    route, actor = ALL[name], least(ALL[name])
    client = app.test_client() if actor == "nobody" else factories.browser_of(app)(actor)
    headers = {"HX-Request": "true"} if re.search(r"/_\w+$", name) else {}  # it is a fragment
    answer = send(client, name, route, everything.mine, **headers)
    assert answer.status_code == route.status, answer.text


@pytest.mark.parametrize("table", [API, PAGES], ids=["api", "pages"])
def test_everybody_else_is_refused(table: Table, everything: World, clients: Clients) -> None:
    wrong = {}
    for name in table:
        for actor, status in refusals(name).items():
            answer = send(clients[actor], name, table[name], everything.mine)
            if answer.status_code != status or not is_explained(answer):
                wrong[f"{name} by {actor}"] = (answer.status, answer.text[:200])
    assert wrong == {}


@pytest.mark.parametrize("table", [API, PAGES], ids=["api", "pages"])
def test_another_project_does_not_exist(table: Table, everything: World, clients: Clients) -> None:
    wrong = {}
    for name in in_project(table):
        for actor in MEMBERS:
            answer = send(clients[actor], name, table[name], everything.foreign)
            if answer.status_code != 404:
                wrong[f"{name} by {actor}"] = (answer.status, answer.text[:200])
    assert wrong == {}


@pytest.mark.parametrize("table", [API, PAGES], ids=["api", "pages"])
def test_objects_of_another_project_do_not_exist(
    table: Table, everything: World, clients: Clients
) -> None:
    wrong, mixed = {}, {**everything.foreign, "project_id": everything.mine["project_id"]}
    for name in in_project(table):
        if len(re.findall(r"<\w+_id>", name)) == 1:
            continue
        for actor in (least(table[name]), "root"):
            answer = send(clients[actor], name, table[name], mixed)
            if answer.status_code != 404:
                wrong[f"{name} by {actor}"] = (answer.status, answer.text[:200])
    assert wrong == {}


def in_project(table: Table) -> list[str]:
    """Old addresses that only redirect are for everybody; they tell nothing."""
    return [n for n, route in table.items() if "<project_id>" in n and route.access != PUBLIC]


def is_explained(answer: TestResponse) -> bool:
    """The API says why, a page leads to the sign-in or says why."""
    if answer.content_type == "application/json":
        return bool(answer.json["error"])
    return answer.status_code != 302 or answer.location.startswith("/login")


def test_every_route_of_the_api_is_in_the_table(app: Flask) -> None:
    assert {name for name in routes(app) if is_api(name)} == set(API | BACKEND)


def test_every_page_is_in_the_table(app: Flask) -> None:
    assert {name for name in routes(app) if not is_api(name)} == set(PAGES)


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

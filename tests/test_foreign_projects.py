"""Nothing of a project can be reached from another one, and no attempt leaves a trace.

Each route of the API below a project, by the owner of another project: with the project of the
objects, with his own, and with foreign objects in what he sends.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.models import Project, User
from tests import factories, world
from tests.routes import API, Route
from tests.test_guard import in_project, send
from tests.world import World

REFUSED = (403, 404)
VALIDATES = "POST /api/project/<project_id>/schedules/validate"  # the cron line, nothing else
OF_THE_SERVER = {"user_id", "new_user_id"}  # users are everybody's

Rows = dict[str, list[Any]]


@pytest.fixture
def everything(cast: dict[str, User], project: Project) -> World:
    return world.build(cast, project)


@pytest.fixture
def zoe(app: Flask, everything: World) -> FlaskClient:
    """The owner of the other project."""
    return factories.api_of(app)("zoe")


def rows() -> Rows:
    """All that is stored."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in db.metadata.sorted_tables
        }


def objects(name: str) -> list[str]:
    """The ids in a path; a role is called by its name, which each project gives for itself."""
    return [word for word in re.findall(r"<(\w+_id)>", name) if word != "project_id"]


def test_a_members_own_project_opens_no_other_one(everything: World, zoe: FlaskClient) -> None:
    before, wrong = rows(), {}
    for name in in_project(API):
        answer = send(zoe, name, API[name], everything.mine)
        if answer.status_code not in REFUSED:
            wrong[name] = (answer.status, answer.text[:200])
    assert wrong == {}
    assert rows() == before


def test_objects_of_another_project_are_not_found_in_ones_own(
    everything: World, zoe: FlaskClient
) -> None:
    before, wrong = rows(), {}
    ids = everything.mine | {"project_id": everything.foreign["project_id"]}
    for name in filter(objects, in_project(API)):
        answer = send(zoe, name, API[name], ids)
        if answer.status_code not in REFUSED:
            wrong[name] = (answer.status, answer.text[:200])
    assert wrong == {}
    assert rows() == before


def mixed(route: Route, own: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The bodies that refer to one object of the other project each."""
    if not route.body:
        return
    good, bad = route.body(own), route.body(other)
    for field in good:
        if field.endswith("_id") and field != "project_id" and good[field] != bad[field]:
            yield field, good | {field: bad[field]}


def test_a_reference_to_another_project_is_refused(everything: World, zoe: FlaskClient) -> None:
    before, wrong, tried = rows(), {}, []
    own = everything.foreign
    other = everything.mine | {name: own[name] for name in OF_THE_SERVER}
    for name in set(in_project(API)) - {VALIDATES}:
        for field, body in mixed(API[name], own, other):
            answer = _with(zoe, name, body, own)
            tried.append(field)
            if answer.status_code != 400 or field not in answer.text:
                wrong[f"{name} {field}"] = (answer.status, answer.text[:200])
    assert wrong == {}
    assert rows() == before
    assert {"ssh_key_id", "repository_id", "template_id"} <= set(tried)


def _with(client: FlaskClient, name: str, body: Any, ids: dict[str, Any]) -> TestResponse:
    route = API[name]
    return send(client, name, Route(route.access, route.status, lambda _: body, route.ids), ids)

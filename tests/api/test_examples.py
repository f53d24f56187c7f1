"""The examples of the document: each is allowed by its schema, and can be sent as it is."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from app.api import openapi, reference
from app.models import Project, User
from tests import factories, world
from tests.routes import API
from tests.test_guard import least

WITH_BODY = sorted(
    name
    for name, route in API.items()
    if route.body or name.endswith(("/confirm", "/stop", "/stop_all_tasks"))
)
# What no example can do: where the answer is not the one of tests/routes.py, that is said here.
ELSE = {
    "POST /api/auth/login": 401,  # there is no such user
    "POST /api/auth/token": 401,
}
# What an example refers to -> what that is in the world of the tests.
NAMED = {
    "auth_key_id": "login_key_id",
    "id": "id",  # of the URL
    "project_id": "project_id",
    "integration_id": "integration_id",
    "ssh_key_id": "ssh_key_id",
    "role_slug": "role_slug",
    "auth_secret_id": "key_id",
    "repository_id": "used_repository_id",
    "template_id": "used_template_id",
    "user_id": "new_user_id",
}


@pytest.fixture
def document(app: Flask) -> Mapping[str, Any]:
    return openapi.document(app, "/")


def body(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    method, path = re.sub(r"<(\w+)>", r"{\1}", name).split()
    return document["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]


def test_every_body_has_an_example_that_its_schema_allows(document: Mapping[str, Any]) -> None:
    bodies = 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                said = body(document, f"{method} {path}")
                schema = {**said["schema"], "components": document["components"]}
                Draft202012Validator(schema).validate(said["example"])
                bodies += 1
    assert bodies >= len(WITH_BODY)


def test_every_field_of_a_body_says_what_it_is(document: Mapping[str, Any]) -> None:
    silent = [
        f"{method} {path}: {field.name}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation
        for field in reference.fields(document, body(document, f"{method} {path}")["schema"])
        if not field.note
    ]
    assert silent == []


@pytest.mark.parametrize("name", WITH_BODY)
def test_an_example_can_be_sent(
    name: str, app: Flask, document: Mapping[str, Any], cast: dict[str, User], project: Project
) -> None:
    route, ids = API[name], world.build(cast, project).mine
    ids = {**ids, **{param: ids[other] for param, other in route.ids.items()}}
    method, path = name.split()
    url = re.sub(r"<(\w+)>", lambda found: str(ids[found[1]]), path)
    here = ids[re.findall(r"<(\w+)>", path)[-1]] if "<" in path else None
    sent = _with_ids(body(document, name)["example"], ids | {"id": here})
    actor = least(route)
    client = app.test_client() if actor == "nobody" else factories.browser_of(app)(actor)
    answer = client.open(url, method=method, json=sent)
    assert answer.status_code == ELSE.get(name, route.status), answer.text


def _with_ids(example: Mapping[str, Any], ids: Mapping[str, Any]) -> dict[str, Any]:
    """The example with the ids of this world, where the first of each kind may be another one."""
    known = {name: ids[other] for name, other in NAMED.items()}
    known["environment_ids"] = [ids["environment_id"]]
    return {name: known.get(name, value) for name, value in example.items()}

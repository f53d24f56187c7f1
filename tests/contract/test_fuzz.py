"""Schemathesis sends what our document allows, and what it does not, to every operation.

Whatever is sent: no failure of ours, no status and no shape that the document does not have. The
values are derived from the operation alone, so each run sends the same.
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.models import Project, User
from tests import factories, world
from tests.routes import API, Route
from tests.test_guard import least

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
PLAIN = {"Accept-Encoding": "identity"}  # Schemathesis does not know zstd
CONFIG = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
FEW = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def ids(cast: dict[str, User], project: Project) -> dict[str, Any]:
    return world.build(cast, project).mine


@pytest.fixture(scope="module")
def schema(_app: Flask) -> Any:
    """One for all: each keeps megabytes of what it has made of it."""
    with _app.app_context():
        document = _app.test_client().get("/api/docs/openapi.json").json
    return schemathesis.openapi.from_dict(document, config=CONFIG)


@pytest.mark.parametrize("name", API)
def test_what_the_document_allows_keeps_its_promises(
    name: str, app: Flask, ids: Mapping[str, Any], schema: Any
) -> None:
    check(name, GenerationMode.POSITIVE, app, ids, schema)


@pytest.mark.parametrize("name", [n for n, route in API.items() if "_id>" in n or route.body])
def test_what_it_does_not_allow_keeps_them_too(
    name: str, app: Flask, ids: Mapping[str, Any], schema: Any
) -> None:
    """Of operations that take something: there is nothing to be wrong about the others."""
    check(name, GenerationMode.NEGATIVE, app, ids, schema)


def check(name: str, mode: GenerationMode, app: Flask, ids: Mapping[str, Any], schema: Any) -> None:
    method, path = re.sub(r"<(\w+)>", r"{\1}", name).split()
    operation = schema[path][method]
    headers = _headers(app, API[name])
    needs_worker = API[name].status == 503  # there is none
    checks = CHECKS if needs_worker else [*CHECKS, not_a_server_error]

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def send(case: Case, data: st.DataObject) -> None:
        aim(case, API[name], ids, data)
        with app.app_context():  # a context of its own for each request, as on a server
            answer = case.call(app=app, base_url="http://localhost", headers=headers)
        case.validate_response(answer, checks=checks)

    send()


def aim(case: Case, route: Route, ids: Mapping[str, Any], data: st.DataObject) -> None:
    """Let the request reach an object; of a body's names often only some are not as they should.

    Else nearly all would end at 404, or at the first rule that no schema tells.
    """
    wanted = {**ids, **{param: ids[other] for param, other in route.ids.items()}}
    case.path_parameters = {
        name: wanted.get(name, value) for name, value in case.path_parameters.items()
    }
    if isinstance(case.body, dict) and route.body and data.draw(st.booleans()):
        names = st.lists(st.sampled_from(sorted(case.body) or [""]), max_size=3)
        right, other = route.body(wanted), data.draw(names)
        case.body = right | {name: case.body[name] for name in other if name in case.body}


def _headers(app: Flask, route: Route) -> dict[str, str]:
    """Of a token that the least who may has."""
    if (actor := least(route)) == "nobody":
        return PLAIN
    client = factories.api_of(app)(actor)
    return PLAIN | {"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}

"""The document of our API: whole, valid, and what the server does."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app.models import Project, User
from tests import factories, world
from tests.routes import API, BACKEND
from tests.test_guard import least, routes, send

Document = Mapping[str, Any]


@pytest.fixture(scope="module")
def document(_app: Flask) -> Document:
    """The same for all."""
    with _app.app_context():
        return _app.test_client().get("/api/docs/openapi.json").json


def test_the_document_is_valid(document: Document) -> None:
    validate(document)


def test_it_has_every_route_and_no_other(app: Flask, document: Document) -> None:
    documented = {
        f"{method.upper()} {path}".replace("{", "<").replace("}", ">")
        for path, item in document["paths"].items()
        for method in item
    }
    assert documented == {name for name in routes(app) if " /api/" in name} - set(BACKEND)


def test_every_operation_says_what_a_success_is(document: Document) -> None:
    silent = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if not any(status.startswith("2") for status in operation["responses"])
    ]
    assert silent == []


@pytest.mark.parametrize("name", API)
def test_what_the_least_who_may_gets_is_documented(
    name: str, app: Flask, document: Document, cast: dict[str, User], project: Project
) -> None:
    mine, actor = world.build(cast, project).mine, least(API[name])
    client = app.test_client() if actor == "nobody" else factories.browser_of(app)(actor)
    answer = send(client, name, API[name], mine)
    method, path = re.sub(r"<(\w+)>", r"{\1}", name).split()
    said = document["paths"][path][method.lower()]["responses"][str(answer.status_code)]
    if answer.data:
        schema = said["content"][answer.mimetype]["schema"]
        shown = answer.json if answer.is_json else answer.text
        Draft202012Validator({**schema, "components": document["components"]}).validate(shown)
    else:
        assert "content" not in said


def test_a_body_says_what_must_be_in_it(document: Document) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["HostConfigIn"]["required"] == ["type", "host"]
    assert schemas["ScheduleIn"]["required"] == ["template_id"]
    assert schemas["IntegrationIn"]["required"] == ["name", "template_id"]


def test_an_answer_says_what_is_always_in_it(document: Document) -> None:
    required = document["components"]["schemas"]["EventOut"]["required"]
    assert required == ["object_name", "description", "created"]


def test_who_may_is_said_in_words(document: Document) -> None:
    operation = document["paths"]["/api/project/{project_id}/tasks"]["post"]
    assert operation["description"] == (
        "Who may: the role task runner or higher in the project, or a custom role at the template."
    )


def test_a_name_that_must_be_filled_says_so(document: Document) -> None:
    name = document["components"]["schemas"]["AccessKeyIn"]["properties"]["name"]
    assert (name["pattern"], name["maxLength"]) == (r"\S", 255)


def test_an_answer_without_a_class_is_described_too(document: Document) -> None:
    operation = document["paths"]["/api/project/{project_id}/repositories/{repository_id}/branches"]
    shown = operation["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"type": "array", "items": {"type": "string"}}

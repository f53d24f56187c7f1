"""Requests from outside that answer questions: in their types, or refused by name."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Integration, IntegrationDelivery, Project, Task
from tests import factories

CHOICES = [{"name": "", "value": value} for value in ("a", "b", "c,c")]
QUESTIONS = [
    {"name": "m", "type": "select", "values": CHOICES},
    {"name": "n", "type": "int"},
    {"name": "b", "type": "bool"},
    {"name": "s", "type": "string"},
    {"name": "pin", "type": "secret"},
]


@pytest.fixture
def hook(project: Project) -> Integration:
    template = factories.template(project, survey_vars=QUESTIONS, allow_parallel_tasks=True)
    return factories.integration(template)


def came_of(client: FlaskClient, hook: Integration, name: str, value: Any) -> Any:
    """What the run was given, or why there is none."""
    factories.extract_value(hook, name, name)
    alias = factories.alias(db.session.get_one(Project, hook.project_id), hook)
    factories.save()
    client.post(f"/api/integrations/{alias}", data=json.dumps({name: value}).encode())
    db.session.expire_all()
    if task := db.session.scalar(select(Task)):
        return json.loads(task.environment)[name]
    return db.session.scalars(select(IntegrationDelivery)).one().reason


@pytest.mark.parametrize(
    ("name", "value", "given"),
    [
        ("m", ["a", "c,c"], ["a", "c,c"]),
        ("m", ["b"], ["b"]),
        ("m", "c,c", ["c,c"]),
        ("m", "b,a", ["b", "a"]),
        ("n", 4, 4),
        ("n", "4", 4),
        ("b", False, False),
        ("b", "true", True),
        ("s", "4", "4"),
    ],
)
def test_an_answer_has_the_type_of_its_question(
    client: FlaskClient, hook: Integration, name: str, value: Any, given: Any
) -> None:
    found = came_of(client, hook, name, value)
    assert (found, type(found)) == (given, type(given))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("m", ["a", "d"], "environment.m: 'd' is not one of: a, b, c,c"),
        ("m", [["a"]], "environment.m: Must be a list of texts"),
        ("n", "four", "environment.n: Must be a whole number"),
        ("s", "a\0b", "environment.s: Must not contain the character NUL"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(
    client: FlaskClient, hook: Integration, name: str, value: Any, why: str
) -> None:
    assert came_of(client, hook, name, value) == why


def test_a_value_cannot_answer_a_secret_question(api: Any, hook: Integration) -> None:
    url = f"/api/project/{hook.project_id}/integrations/{hook.id}/values"
    value = {"name": "PIN", "value_source": "header", "key": "X-Pin", "variable": "pin",
             "integration_id": hook.id}  # fmt: skip
    refused = api("bob").post(url, json=value)
    assert refused.status_code == 400
    assert "variable: The question pin is secret" in refused.json["error"]
    assert api("bob").post(url, json=value | {"variable": "s"}).status_code == 201

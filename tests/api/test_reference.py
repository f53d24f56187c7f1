"""The pages of the API's document."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api import openapi, reference


def test_the_list_names_every_operation(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/docs/openapi.json").json
    text = client.get("/api/docs").text
    assert [path for path in document["paths"] if f"<code>{path}</code>" not in text] == []


def test_every_operation_has_a_page(app: Flask, client: FlaskClient) -> None:
    document = openapi.document(app, "/")
    for _, entries in reference.groups(document, ""):
        for entry in entries:
            answer = client.get(f"/api/docs/{entry.name}")
            assert answer.status_code == 200, entry.name
            assert entry.path in answer.text


def test_the_filter_takes_words_in_any_order(app: Flask) -> None:
    found = reference.groups(openapi.document(app, "/"), "Keys post")
    assert [(tag, [entry.name for entry in entries]) for tag, entries in found] == [
        ("access keys", ["access_keys.create"])
    ]


def test_a_filter_answers_with_the_list_alone(client: FlaskClient) -> None:
    text = client.get("/api/docs?q=ping", headers={"HX-Request": "true"}).text
    assert "1 operation<" in text
    assert "<html" not in text


def test_nothing_found_says_so(client: FlaskClient) -> None:
    assert "No operations match" in client.get("/api/docs?q=nonsense").text


def test_a_page_has_a_command_that_can_be_sent(client: FlaskClient) -> None:
    text = client.get("/api/docs/project_users.update").text
    assert "curl -s -X PUT http://localhost/api/project/1/users/1" in text
    assert "Authorization: Bearer $TOKEN" in text


def test_an_operation_that_takes_no_token_shows_none(client: FlaskClient) -> None:
    assert "$TOKEN" not in client.get("/api/docs/auth.create").text


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 255}, "text, 255 characters at most"),
        ({"enum": ["a", "b"]}, 'one of "a", "b"'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/SecretIn"}}, "list of objects"),
        ({"type": "array", "items": {"type": "string", "maxLength": 1048576}},
         "list of texts, 1,048,576 characters at most"),
        ({}, "anything"),
    ],
)  # fmt: skip
def test_types_are_told_in_words(schema: reference.Json, words: str) -> None:
    assert reference.kind(schema) == words


def test_parts_of_parts_are_fields_too(app: Flask) -> None:
    document = openapi.document(app, "/")
    rows = reference.fields(document, {"$ref": "#/components/schemas/EnvironmentIn"})
    found = {row.name: (row.kind, row.note) for row in rows}
    assert found["secrets"] == ("list of objects", "What becomes of its secrets; others stay")
    assert found["secrets[].operation"][0] == 'one of "", "create", "update", "delete"'
    roles = reference.fields(document, {"$ref": "#/components/schemas/RoleIn"})
    assert next(roles)[:3] == ("role", 'one of "owner", "manager", "task_runner", "guest"', True)


def test_a_page_says_what_its_view_does(client: FlaskClient) -> None:
    text = client.get("/api/docs/webhooks.receive").text
    assert "so that nobody learns which addresses exist" in text
    assert "refs/heads/main" in text and "whose names are not fixed" in text
    assert "-d " not in client.get("/api/docs/webhooks.receive_query").text  # it would be a POST

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
        ({"type": "array", "items": {"$ref": "#/components/schemas/SecretIn"}}, "list of SecretIn"),
        ({}, "anything"),
    ],
)
def test_types_are_told_in_words(schema: reference.Json, words: str) -> None:
    assert reference.kind(schema) == words


def test_an_example_is_one_that_the_schema_allows(app: Flask) -> None:
    document = openapi.document(app, "/")
    schema = {"$ref": "#/components/schemas/AccessKeyIn"}
    assert reference.example(document, schema)["type"] == "none"

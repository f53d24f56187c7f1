"""A change must come from our own pages, or carry a token of its own."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import csrf
from app.models import Project

SignIn = Callable[[str], FlaskClient]
OURS, FOREIGN = "http://localhost", "https://evil.example.test"


@pytest.fixture
def root(browser: SignIn) -> FlaskClient:
    """Root's browser, which sends no token on its own."""
    client = browser("root")
    del client.environ_base["HTTP_X_CSRF_TOKEN"]
    return client


def create(client: FlaskClient, path: str = "/projects", **request: Any) -> int:
    kind = "json" if path.startswith("/api/") else "data"
    given = {"name": "New"} | request.pop("form", {})
    return client.post(path, **{kind: given}, **request).status_code


def test_a_page_needs_the_token_of_its_session(root: FlaskClient, browser: SignIn) -> None:
    mine = browser("root").environ_base["HTTP_X_CSRF_TOKEN"]
    other = browser("alice").environ_base["HTTP_X_CSRF_TOKEN"]
    assert create(root) == 403
    assert create(root, form={"csrf_token": "ä"}) == 403
    assert create(root, headers={"X-CSRF-Token": other}) == 403
    assert create(root, headers={"X-CSRF-Token": mine}) == 403


def test_the_token_is_taken_from_the_header_or_the_form(browser: SignIn) -> None:
    client = browser("root")
    assert create(client) < 400
    token = client.environ_base.pop("HTTP_X_CSRF_TOKEN")
    assert create(client, form={"csrf_token": token}) < 400


def test_the_token_stays_the_same_for_a_session_and_differs_between_them(app: Flask) -> None:
    assert csrf.token_of("a") == csrf.token_of("a")
    assert csrf.token_of("a") != csrf.token_of("b")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": OURS}, 201),
        ({"Referer": f"{OURS}/projects"}, 201),
        ({"Origin": FOREIGN}, 403),
        ({"Origin": "null"}, 403),
        ({"Referer": f"{FOREIGN}/localhost"}, 403),
        ({"Origin": FOREIGN, "Referer": f"{OURS}/"}, 403),
    ],
)
def test_a_cookie_in_the_api_counts_for_our_own_origin(
    root: FlaskClient, headers: dict[str, str], status: int
) -> None:
    assert create(root, "/api/projects", headers=headers) == status


def test_a_bearer_token_needs_no_origin(api: SignIn) -> None:
    assert create(api("root"), "/api/projects", headers={"Origin": FOREIGN}) == 201


@pytest.mark.parametrize("path", sorted(csrf.BEFORE_SESSION))
def test_before_there_is_a_session_the_origin_counts(
    client: FlaskClient, project: Project, path: str
) -> None:
    refused = client.post(path, data={"username": "x"}, headers={"Origin": FOREIGN})
    assert (refused.status_code, csrf.FOREIGN in refused.text) == (403, True)
    assert client.post(path, data={"username": "x"}, headers={"Origin": OURS}).status_code != 403


def test_reading_needs_nothing(root: FlaskClient) -> None:
    assert root.get("/projects", headers={"Origin": FOREIGN}).status_code == 200

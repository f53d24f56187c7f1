"""Answers to HTMX and to everybody else."""

import json

import pytest
from flask import Flask, Response, get_flashed_messages

from app.web import hx

HX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("headers", "partial"),
    [
        ({}, False),
        (HX, True),
        (HX | {"HX-Boosted": "true"}, False),
        (HX | {"HX-History-Restore-Request": "true"}, False),
    ],
)
def test_only_a_request_for_a_block_is_partial(
    app: Flask, headers: dict[str, str], partial: bool
) -> None:
    with app.test_request_context(headers=headers):
        assert hx.is_partial() is partial


def test_a_block_is_rendered_from_the_same_context_as_its_page(app: Flask) -> None:
    context = {"shortcuts": [("Group", [("x", "Does something")])]}
    with app.test_request_context(headers=HX):
        block = hx.render("help/shortcuts.html", block="dialog", **context).get_data(as_text=True)
    with app.test_request_context():
        page = hx.render("help/shortcuts.html", block="dialog", **context).get_data(as_text=True)
    assert "Does something" in block
    assert "Does something" in page
    assert "<h1" not in block
    assert "<h1" in page


def test_a_change_closes_its_dialog_and_says_what_to_reload(app: Flask) -> None:
    with app.test_request_context(headers=HX):
        response = hx.done("things", "Thing “ä” saved", "/things")
    assert response.status_code == 204
    assert response.headers["HX-Trigger"].isascii()
    assert json.loads(response.headers["HX-Trigger"]) == {
        "sheet:close": 1,
        "dialog:close": 1,
        "refresh:things": 1,
        "toast": {"text": "Thing “ä” saved", "kind": "ok"},
    }


def test_a_change_without_htmx_leads_to_the_list(app: Flask) -> None:
    with app.test_request_context():
        response = hx.done("things", "Thing saved", "/things")
        assert (response.status_code, response.location) == (303, "/things")
        assert get_flashed_messages(with_categories=True) == [("ok", "Thing saved")]


def test_a_redirect_leads_the_whole_page(app: Flask) -> None:
    with app.test_request_context(headers=HX):
        response = hx.redirect("/runs/1", "Started")
        assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/runs/1")
        assert get_flashed_messages() == ["Started"]
    with app.test_request_context():
        assert hx.redirect("/runs/1").status_code == 303


def test_events_are_added_to_those_that_are_there() -> None:
    response = hx.announce(hx.announce(Response(), one=1), two={"text": "x"})
    assert json.loads(response.headers["HX-Trigger"]) == {"one": 1, "two": {"text": "x"}}

"""Numbers in addresses: no database is asked for what it cannot look for."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Map, Rule

from app.models import Project
from app.urls import LateRule, form_number, number
from tests import factories

Browser = Callable[[str], FlaskClient]
NO_IDS = ("abc", "1.5", "٣", "_x", str(2**63), "9" * 5000)


@pytest.mark.parametrize("given", NO_IDS, ids=lambda given: given[:20])
def test_what_is_no_id_has_no_page_and_is_a_bad_request_of_the_api(
    browser: Browser, project: Project, given: str
) -> None:
    root, mine = browser("root"), project.id
    for page in (f"/p/{given}", f"/p/{mine}/runs/{given}", f"/project/{given}/history"):
        assert root.get(page).status_code == 404, page
    for path in (
        f"/api/project/{given}",
        f"/api/project/{mine}/tasks/{given}",
        f"/api/users/{given}",
    ):
        assert root.get(path).status_code == 400, path


@pytest.mark.parametrize("given", ["0", "-1", str(2**63 - 1), str(1 - 2**63)])
def test_what_no_object_has_is_not_found(browser: Browser, project: Project, given: str) -> None:
    root, mine = browser("root"), project.id
    pages = ("", f"{mine}/runs/", f"{mine}/templates/")
    paths = (f"project/{mine}/tasks/", f"project/{mine}/keys/", "project/", "users/")
    for path in (*(f"/p/{page}" for page in pages), *(f"/api/{path}" for path in paths)):
        assert root.get(path + given).status_code == 404, path
    assert root.delete(f"/api/tasks/{given}").status_code == 404


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("7", 7),
        ("0", 0),
        (str(2**63 - 1), 2**63 - 1),
        ("-1", None),
        (str(2**63), None),
        ("x", None),
    ],
)
def test_a_number_of_the_query_is_one_or_none(app: Flask, given: str, meant: int | None) -> None:
    with app.test_request_context(f"/?before={given}"):
        assert (number("before"), number("after")) == (meant, None)
    with app.test_request_context("/", method="POST", data={"before": given}):
        assert (form_number("before"), form_number("after")) == (meant, None)


def test_lists_take_any_number(browser: Browser, project: Project) -> None:
    factories.task(factories.template(project))
    names = ("before", "after", "template", "by", "since")
    for value in (2**63 - 1, 2**63, -1):
        query = "&".join(f"{name}={value}" for name in names)
        assert browser("dave").get(f"/p/{project.id}/runs?{query}").status_code == 200


@pytest.mark.parametrize("unknown", [True, False], ids=["as a query", "left out"])
def test_addresses_are_built_as_by_any_rule(unknown: bool) -> None:
    def built(kind: type[Rule]) -> list[str]:
        rules = [kind("/p/<int:id>/a b/<name>", endpoint="page"), kind("/", endpoint="start")]
        adapter = Map(rules).bind("localhost")
        given = {"id": 7, "name": "ü/?", "q": "1 2", "rule": "x", "self": "y"}
        page, start = [
            [adapter.build(name, given, append_unknown=unknown) for _ in "twice"]
            for name in ("page", "start")
        ]
        return page + start

    assert built(LateRule) == built(Rule)
    assert ("rule=x" in built(LateRule)[0]) == unknown

"""GET /api/project/<id>/stats, and of one template."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.models import Project, TaskTemplate, User
from tests import factories

Api = Callable[[str], FlaskClient]

MONDAY = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)


@pytest.fixture
def template(project: Project, cast: dict[str, User]) -> TaskTemplate:
    template = factories.template(project)
    bob = cast["bob"].id
    run(template, MONDAY, "success", 10, user_id=bob)
    run(template, MONDAY, "success", 21)
    run(template, MONDAY, "error", 2)
    run(template, MONDAY + timedelta(seconds=2), "stopped", None)
    run(template, MONDAY + timedelta(days=2), "waiting", None, user_id=bob)
    run(factories.template(project, "Other"), MONDAY, "success", 3)
    return template


def run(
    template: TaskTemplate, when: datetime, status: str, took: float | None, **more: int
) -> None:
    times = {} if took is None else {"start": when, "end": when + timedelta(seconds=took)}
    factories.task(template, status=status, created=when, **times, **more)


def test_runs_are_counted_by_day_and_state(api: Api, project: Project, template) -> None:
    assert api("dave").get(f"/api/project/{project.id}/stats").json == [
        {"date": "2026-11-23", "count_by_status": {"error": 1, "success": 3}, "avg_duration": 9},
        {"date": "2026-11-24", "count_by_status": {"stopped": 1}, "avg_duration": 0},
        {"date": "2026-11-25", "count_by_status": {"waiting": 1}, "avg_duration": 0},
    ]


def test_those_of_one_template(api: Api, project: Project, template) -> None:
    url = f"/api/project/{project.id}/templates/{template.id}/stats"
    assert api("dave").get(url).json[0] == {
        "date": "2026-11-23", "count_by_status": {"error": 1, "success": 2}, "avg_duration": 11,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "days"),
    [("start=2026-11-24", ["24", "25"]), ("end=2026-11-24", ["23", "24"]), ("end=2026-11-22", []),
     ("start=2026-11-24&end=2026-11-24", ["24"]), ("start=&end=", ["23", "24", "25"])],
)  # fmt: skip
def test_days_are_chosen_both_included(
    api: Api, project: Project, template, query: str, days: list[str]
) -> None:
    found = api("dave").get(f"/api/project/{project.id}/stats?{query}").json
    assert [day["date"] for day in found] == [f"2026-11-{day}" for day in days]


def test_those_that_one_user_has_started(api: Api, project: Project, template, cast) -> None:
    url = f"/api/project/{project.id}/stats?user_id={cast['bob'].id}"
    assert [day["count_by_status"] for day in api("dave").get(url).json] == [
        {"success": 1}, {"waiting": 1},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    ["start=yesterday", "end=2026-13-01", "end=9999-12-31", "start=0001-01-01", "user_id=bob"],
)
def test_what_is_wrong_is_named(api: Api, project: Project, query: str) -> None:
    answer = api("dave").get(f"/api/project/{project.id}/stats?{query}")
    assert answer.status_code == 400
    assert answer.json["error"].startswith(query.partition("=")[0])

"""What a run has left, as its page lists it and a browser saves it."""

import pytest
from werkzeug.http import parse_options_header

from app.clock import utcnow
from app.db import db, transaction
from app.models import Project, Task
from app.services import run_manifests
from app.services.task_artifacts import PIECE
from tests import factories


@pytest.fixture
def task(project: Project) -> Task:
    return factories.task(factories.template(project), status="success")


def test_the_tab_lists_files_and_values(browser, project, task) -> None:
    factories.artifact(task, "a/report.html", b"<script>")
    with transaction():
        values = {"_run": {"version": "1.2<b>"}, "web1": {"port": 80}}
        run_manifests.keep(task.id, {"v": 1, "stats": {"values": values, "size": 9}})
    page = browser("dave").get(f"/p/{project.id}/runs/{task.id}/artifacts").text
    assert "a/report.html" in page and "1.2&lt;b&gt;" in page and "web1" in page
    assert "/artifacts" in browser("dave").get(f"/p/{project.id}/runs/{task.id}").text


def test_without_any_it_says_how_to_leave_some(browser, project, task) -> None:
    page = browser("dave").get(f"/p/{project.id}/runs/{task.id}/artifacts").text
    assert "SEMAPHORE_ARTIFACTS" in page
    assert "/artifacts" not in browser("dave").get(f"/p/{project.id}/runs/{task.id}").text


def test_those_that_made_room_for_others_are_told_of(browser, project, task) -> None:
    with transaction():
        task.artifacts_deleted_at = utcnow()
    url = f"/p/{project.id}/runs/{task.id}"
    assert "/artifacts" in browser("dave").get(url).text
    assert "The files of this run were deleted" in browser("dave").get(f"{url}/artifacts").text


@pytest.mark.parametrize("name", ["a/report.html", 'x"; y=.html', "ü.svg", "отчёт.html"])
def test_a_file_is_saved_and_never_shown(browser, project, task, name: str) -> None:
    row = factories.artifact(task, name, b"<script>")
    answer = browser("dave").get(f"/p/{project.id}/runs/{task.id}/artifacts/{row.id}")
    assert answer.data == b"<script>"
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename") and said.isascii()
    assert parse_options_header(said)[1]["filename"] == name.rpartition("/")[2]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_api_lists_and_gives_them(api, project, task) -> None:
    row = factories.artifact(task, "a", b"x" * 3)
    url = f"/api/project/{project.id}/tasks/{task.id}/artifacts"
    assert api("dave").get(url).json == [
        {"id": row.id, "task_id": task.id, "name": "a", "size": 3, "sha256": row.sha256}
    ]
    answer = api("dave").get(f"{url}/{row.id}")
    assert answer.data == b"xxx" and answer.headers["Content-Length"] == "3"
    assert answer.headers["Content-Disposition"] == "attachment; filename=a"
    assert api("mallory").get(f"{url}/{row.id}").status_code == 404


@pytest.mark.parametrize(
    "url", ["/p/{}/runs/{}/artifacts/{}", "/api/project/{}/tasks/{}/artifacts/{}"]
)
def test_who_reads_slowly_holds_no_connection(browser, project, task, url: str) -> None:
    row = factories.artifact(task, "a", b"x" * (2 * PIECE))
    db.session.rollback()
    answer = browser("dave").get(url.format(project.id, task.id, row.id), buffered=False)
    pieces = answer.iter_encoded()
    next(pieces)
    assert db.engine.pool.checkedout() == 0
    assert sum(map(len, pieces)) == PIECE
    answer.close()


def test_that_of_another_run_is_not_found(browser, project, task) -> None:
    row = factories.artifact(task, "a", b"x")
    other = factories.task(task.template, status="success")
    answer = browser("dave").get(f"/p/{project.id}/runs/{other.id}/artifacts/{row.id}")
    assert answer.status_code == 404
